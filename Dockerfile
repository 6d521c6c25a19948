# The API and the command line, against a Neo4j elsewhere (NEO4J_URI).  Built by `docker compose build`.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY requirements.lock ./
RUN python -m venv /opt/journeygraph \
 && /opt/journeygraph/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY loaders loaders
COPY api api
COPY cypher cypher
# Every dependency is there with its hash: nothing more may be fetched while the package itself is installed.
RUN /opt/journeygraph/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home journeygraph \
 && install -d -o journeygraph -g journeygraph -m 0700 /var/lib/journeygraph
COPY --from=build /opt/journeygraph /opt/journeygraph
COPY --chmod=0755 docker-entrypoint.sh /usr/local/bin/journeygraph-entrypoint
ENV PATH=/opt/journeygraph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    JOURNEYGRAPH_HOME=/var/lib/journeygraph \
    JOURNEYGRAPH_LOG_FORMAT=json
USER journeygraph
WORKDIR /var/lib/journeygraph
VOLUME /var/lib/journeygraph
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["journeygraph-entrypoint"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
