/**
 * Where each npm package and each Node built-in with side effects enters (DESIGN 3). A path ending in `/` allows a folder.
 * Replacing a library is then a change in the files named here.
 */
export const packageDoors: Readonly<Record<string, readonly string[]>> = {
  "@peculiar/x509": ["src/api/http/certificates.ts"],
  "@preact/signals": ["src/web/app/"],
  bullmq: ["src/jobs/drivers/redis.ts"],
  "dns-packet": ["src/agent/network/dns-server.ts"],
  esbuild: ["cmd/bundle.ts", "src/web/build.ts"],
  fastify: ["src/api/http/server.ts", "src/web/server.ts"],
  handlebars: ["src/render/engines/_handlebars-compile.ts"],
  ioredis: ["src/jobs/drivers/redis.ts"],
  "isomorphic-git": ["src/sources/drivers/isomorphic-operations.ts"],
  jose: ["src/api/access/signed-tokens.ts"],
  "json-merge-patch": ["src/value/merge-patch.ts"],
  picomatch: ["src/render/glob.ts"],
  preact: ["src/web/app/"],
  "reflect-metadata": ["src/api/http/certificates.ts"],
  semver: ["src/value/semver.ts"],
  "smol-toml": ["src/render/helm-functions/toml.ts"],
  undici: ["src/api/http/transport.ts"],
  ws: ["src/api/http/streams/web-sockets.ts"],
  yaml: ["src/value/yaml.ts"],
};

/** Packages loaded with `require`, at first use and synchronously, which an import scan does not see. */
export const requiredPackages: ReadonlySet<string> = new Set(["@marcbachmann/cel-js", "ajv", "bcryptjs", "node", "re2js"]);

/** Built-ins that touch the world. */
export const builtInDoors: Readonly<Record<string, readonly string[]>> = {
  "node:child_process": ["src/jobs/redis-server.ts", "src/world/real/processes.ts"],
  "node:crypto": [
    "src/api/access/bootstrap-tokens.ts", "src/api/access/static-tokens.ts", "src/api/access/token-keys.ts", "src/api/http/documents.ts", "src/api/http/openapi-v2-answer.ts", "src/api/http/openapi.ts", "src/api/http/pki.ts", "src/api/http/tokens.ts", "src/model/certificate-request.ts", "src/render/helm-functions/certificate.ts", "src/render/helm-functions/crypto.ts", "src/render/helm-functions/pinned-keys.ts", "src/sources/webhook-signature.ts", "src/store/sqlite/seal.ts", "src/value/digest.ts",
    "src/web/build.ts", "src/world/real/chance.ts", "cmd/bundle.ts",
  ],
  "node:dgram": ["src/agent/network/sockets.ts"],
  "node:fs": [
    "src/agent/runtimes/process/disk.ts", "src/jobs/redis-server.ts", "src/model/generate.ts", "src/sources/drivers/isomorphic-operations.ts", "src/store/sqlite/companion-files.ts",
    "src/web/assets.ts", "src/web/build.ts", "src/world/real/process-usage.ts", "src/world/real/rotating-file.ts", "src/world/real/processes.ts", "cmd/bundle.ts", "cmd/commands/chart-new.ts", "cmd/commands/chart-package.ts", "cmd/commands/chart-schema.ts", "cmd/commands/chart-test.ts", "cmd/commands/chart-verify.ts", "cmd/connect.ts", "cmd/folder.ts",
  ],
  "node:fs/promises": ["src/api/http/pki.ts", "src/daemon/", "src/sources/mirror-files.ts"],
  "node:http": ["src/api/aggregation/extension-servers.ts", "src/api/http/passage.ts", "src/api/http/proxy.ts", "src/agent/runtimes/process/handlers.ts", "src/sources/remote-http.ts"],
  "node:http2": ["src/agent/runtimes/process/grpc-probe.ts", "src/api/http/server.ts"],
  "node:https": ["src/api/https-exchange.ts", "src/api/webhooks/https-outside.ts", "src/agent/runtimes/process/handlers.ts", "src/sources/remote-http.ts"],
  "node:module": ["src/render/chart-schema.ts", "src/render/helm-functions/bcrypt.ts", "src/value/cel/engine.ts", "src/value/regex.ts", "cmd/capstan.ts"],
  "node:net": ["src/api/aggregation/extension-servers.ts", "src/api/webhooks/https-outside.ts", "src/agent/network/sockets.ts", "src/api/http/pki.ts", "src/jobs/redis-server.ts", "src/value/ip.ts", "src/world/real/processes.ts"],
  "node:os": ["src/agent/machine.ts", "src/daemon/settings.ts", "src/jobs/redis-server.ts", "src/sources/mirror-files.ts", "src/world/real/processes.ts", "src/store/sqlite/thread.ts", "cmd/commands/serve.ts", "cmd/connect.ts"],
  "node:readline/promises": ["cmd/capstan.ts"],
  "node:sqlite": ["src/store/sqlite/database.ts", "src/store/sqlite/log-copy-thread.ts"],
  "node:readline": ["src/world/real/processes.ts"],
  "node:stream": ["src/api/http/passage.ts", "src/api/http/pod-stream.ts", "src/api/http/proxied-answer.ts", "src/web/page-routes.ts", "src/world/real/processes.ts"],
  "node:stream/promises": ["src/agent/runtimes/process/programs.ts", "src/sources/git-process.ts"],
  "node:tls": ["src/api/aggregation/extension-servers.ts", "src/api/http/proxy.ts"],
  "node:v8": ["src/render/wire.ts", "src/world/real/engine-pace.ts"],
  "node:worker_threads": [
    "src/api/http/certificate-maker.ts", "src/api/http/certificate-thread.ts",
    "src/sources/drivers/isomorphic-worker.ts", "src/sources/drivers/isomorphic.ts", "src/store/engines/sqlite.ts", "src/store/sqlite/log-copier.ts", "src/store/sqlite/log-copy-thread.ts", "src/store/sqlite/thread.ts",
  ],
  "node:zlib": ["src/api/http/answer-writer.ts", "src/api/http/proxied-answer.ts", "src/api/http/streams/spdy-headers.ts", "src/reconcile/artifacts.ts", "src/render/chart/pack.ts", "src/render/chart/tar.ts", "src/render/origins/origin-log.ts", "src/store/packed-stretch.ts", "src/store/sqlite/checksum.ts", "src/web/build.ts"],
};

/** Built-ins without side effects. */
export const freeBuiltIns: ReadonlySet<string> = new Set(["node:path", "node:util", "node:url", "node:buffer", "node:events", "node:string_decoder"]);
