# The engines of an ensemble on GPUs: vLLM's own image, and the supervisor beside it.
FROM vllm/vllm-openai:v0.32.0 AS base

FROM base AS build
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
# Compiled now: the user of the image could not keep what Python compiles.
ENV PATH=/opt/uv/bin:$PATH UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_SYSTEM_CERTS=1
# Two environments: vLLM's (the image's own) and the supervisor's (click pins clash).
RUN uv venv --python python3 /opt/tagwire
COPY requirements/worker.txt /tmp/
RUN uv pip install --python /opt/tagwire --no-deps -r /tmp/worker.txt
COPY . /source
RUN uv pip install --python /opt/tagwire --no-deps /source

FROM base
# A number, as in the other images; weights and compiled kernels go to its home.
RUN useradd --create-home --uid 10001 tagwire && install -d -o tagwire /home/tagwire/.cache /var/log/tagwire
WORKDIR /tagwire
COPY --from=build /opt/tagwire /opt/tagwire
ENV PATH=/opt/tagwire/bin:$PATH TAGWIRE_VLLM_PYTHON=/usr/bin/python3 TAGWIRE_LOG_FOLDER=/var/log/tagwire
USER 10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["/opt/tagwire/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6067/live', timeout=4)"]
ENTRYPOINT ["tagwire"]
CMD ["gpu-worker"]
