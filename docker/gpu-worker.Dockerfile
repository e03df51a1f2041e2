# The engines of an ensemble on one GPU box: vLLM's own image, and the supervisor beside it.
FROM vllm/vllm-openai:v0.32.0
WORKDIR /tagwire
COPY requirements/worker.txt requirements/
# Two environments: vLLM's (the image's own) and the supervisor's (click pins clash).
RUN python3 -m venv /opt/tagwire && /opt/tagwire/bin/pip install --no-cache-dir -r requirements/worker.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY ner_core ner_core
COPY streams streams
COPY models models
RUN /opt/tagwire/bin/pip install --no-cache-dir --no-deps .
ENV TAGWIRE_VLLM_PYTHON=/usr/bin/python3
ENTRYPOINT ["/opt/tagwire/bin/tagwire"]
CMD ["gpu-worker"]
