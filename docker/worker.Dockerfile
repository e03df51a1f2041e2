# The worker and the command line: everything but vLLM. For linux/amd64.
FROM python:3.11-slim AS build
RUN python3 -m venv /opt/tagwire
COPY requirements/worker.txt /tmp/
RUN /opt/tagwire/bin/pip install --no-cache-dir -r /tmp/worker.txt
COPY . /source
RUN /opt/tagwire/bin/pip install --no-cache-dir --no-deps /source && /opt/tagwire/bin/pip uninstall --yes pip

FROM python:3.11-slim
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
