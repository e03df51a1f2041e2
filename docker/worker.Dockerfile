# The worker and the command line: everything but vLLM.
FROM python:3.11-slim
WORKDIR /tagwire
COPY requirements/worker.txt requirements/
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && pip install --no-cache-dir -r requirements/worker.txt \
    && apt-get purge --yes --auto-remove gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY ner_core ner_core
COPY streams streams
COPY models models
COPY examples examples
RUN pip install --no-cache-dir --no-deps . && useradd --create-home tagwire
USER tagwire
ENTRYPOINT ["tagwire"]
CMD ["worker"]
