# The engines of an ensemble on GPUs: vLLM's own image, and the supervisor beside it.
FROM vllm/vllm-openai:v0.32.0 AS build
# Two environments: vLLM's (the image's own) and the supervisor's (click pins clash).
RUN python3 -m venv /opt/tagwire
COPY requirements/worker.txt /tmp/
RUN /opt/tagwire/bin/pip install --no-cache-dir -r /tmp/worker.txt
COPY . /source
RUN /opt/tagwire/bin/pip install --no-cache-dir --no-deps /source

FROM vllm/vllm-openai:v0.32.0
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
