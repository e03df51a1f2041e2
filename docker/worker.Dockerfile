# The worker and the command line: everything but vLLM. For linux/amd64.
FROM python:3.11-slim AS base

FROM base AS build
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
# Compiled now: the user of the image could not keep what Python compiles.
ENV PATH=/opt/uv/bin:$PATH UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_SYSTEM_CERTS=1
RUN uv venv --python python3 /opt/tagwire
COPY requirements/worker.txt /tmp/
RUN uv pip install --python /opt/tagwire --no-deps -r /tmp/worker.txt
COPY . /source
RUN uv pip install --python /opt/tagwire --no-deps /source

FROM base
# A number, so that Kubernetes sees that it is not root.
RUN useradd --create-home --uid 10001 tagwire
WORKDIR /tagwire
COPY --from=build /opt/tagwire /opt/tagwire
COPY examples examples
ENV PATH=/opt/tagwire/bin:$PATH
USER 10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6066/live', timeout=4)"]
ENTRYPOINT ["tagwire"]
CMD ["worker"]
