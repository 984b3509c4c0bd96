# Capstan in a container. Build: docker build -t capstan . ; run: see docs/operating.md.
# Stage 1 installs packages and bundles the page; stage 2 carries only what runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --no-audit --no-fund
COPY . .
RUN node cmd/setup.mjs install && npm prune --omit=dev

FROM debian:bookworm-slim
# git serves hosted repositories; redis-server carries the queue; the process runtime mounts volumes with util-linux.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git redis-server util-linux \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --create-home --home-dir /var/lib/capstan --shell /usr/sbin/nologin capstan \
  && install --directory --mode=0700 --owner=capstan --group=capstan /var/lib/capstan/data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
# The process runtime mounts volumes in private namespaces: as a plain user this needs unprivileged user namespaces on the host;
# without them pods with volumes are refused with a message, all else works.
USER capstan
ENV CAPSTAN_DATA=/var/lib/capstan/data CAPSTAN_LISTEN=0.0.0.0:7443 CAPSTAN_WEB=127.0.0.1:7080
VOLUME /var/lib/capstan/data
EXPOSE 7443 7080
# Asks the API, which is TLS however the page is served.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["/usr/bin/env", "NODE_EXTRA_CA_CERTS=/var/lib/capstan/data/pki/ca.crt", "/app/node_modules/.bin/node", "-e", "fetch('https://127.0.0.1:7443/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/cmd/capstan"]
CMD ["serve"]
