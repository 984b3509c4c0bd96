import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

const dist = join(root, "dist");

/** What Fastify asks for only in uses we do not make of it: outside of the bundle nobody reads it. */
const neverAsked = ["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler", "light-my-request", "pino"];

/** A link to the newest bundle. Each bundle has a folder of its own, so that a daemon that runs keeps the files it may yet load. */
const newest = join(dist, "daemon");

/** Lines of the bundle end soon after this: a place in it can still be shown. */
const lineLengthMax = 160;

/** Bundles kept, the newest included; daemons of more edits ago are not expected to run still. */
const bundlesKept = 4;

/** Folders whose TypeScript the daemon runs. */
const sourceFolders = ["cmd", "src", "charts"];

/** The program, its threads and its workers: each becomes a file of its own name. */
const entryPoints = ["cmd/capstan.ts", "src/store/sqlite/thread.ts", "src/store/sqlite/log-copy-thread.ts", "src/render/render-worker.ts", "src/sources/drivers/isomorphic-worker.ts", "src/api/http/certificate-thread.ts"];

const entryNames: ReadonlySet<string> = new Set(entryPoints.map((file) => basename(file, ".ts")));

/** Bundles the daemon into `dist/daemon` when its sources changed since the last time; answers whether it did. */
export async function bundleDaemon(): Promise<boolean> {
  const stamp = stampOf();
  const name = `daemon-${stamp.slice(0, 12)}`;
  const folder = join(dist, name);
  if (existsSync(join(folder, "stamp")) && readlink(newest) === name) return false;
  mkdirSync(dist, { recursive: true });
  if (!existsSync(join(folder, "stamp"))) {
    // Written beside and renamed: two that bundle at once end with one whole bundle.
    const draft = mkdtempSync(join(dist, "draft-"));
    await bundle(draft);
    writeFileSync(join(draft, "stamp"), stamp);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  }
  const link = join(dist, `link-${process.pid}`);
  symlinkSync(name, link);
  renameSync(link, newest);
  removeOld(name);
  return true;
}

function readlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // There is none yet.
    return undefined;
  }
}

function removeOld(current: string): void {
  const others = readdirSync(dist).filter((name) => /^daemon-[0-9a-f]{12}$/.test(name) && name !== current)
    .toSorted((left, right) => statSync(join(dist, right)).mtimeMs - statSync(join(dist, left)).mtimeMs);
  for (const name of others.slice(bundlesKept - 1)) rmSync(join(dist, name), { recursive: true, force: true });
}

/**
 * Names stay whole, so that a stack trace names the source's own functions; the text between them is shortened, since V8 keeps it in memory.
 * Maps lie beside for whoever needs the line: Node reads them by itself only at 40 MB of memory, so the daemon does not ask it to.
 */
async function bundle(folder: string): Promise<void> {
  // Only a stale bundle needs the bundler.
  const { build } = await import("esbuild");
  await build({
    entryPoints: entryPoints.map((file) => join(root, file)), entryNames: "[name]", chunkNames: "[name]-[hash]", outdir: folder, absWorkingDir: root,
    bundle: true, splitting: true, format: "esm", platform: "node", target: "node24",
    // The certificates' library is loaded once a year, and in a form the bundler does not keep whole: modules that load each other.
    external: ["@peculiar/x509", "reflect-metadata", ...neverAsked],
    minifyWhitespace: true, minifySyntax: true, lineLimit: lineLengthMax,
    sourcemap: "linked", sourcesContent: false, sourceRoot: "", legalComments: "none", logLevel: "error", plugins: [locate, lean, plainHttp],
    // Packages written as CommonJS ask for Node's own modules by `require`, which a module file does not have.
    banner: { js: "import { createRequire as capstanCreateRequire } from \"node:module\"; const require = capstanCreateRequire(import.meta.url);" },
  });
}

/** Sources that look for files beside themselves find them where they are, and threads and workers where the bundle has them. */
const locate: Plugin = {
  name: "locate",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (path.includes("/node_modules/") || !text.includes("import.meta.")) return undefined;
      const here = JSON.stringify(`../../${relative(root, path)}`);
      const contents = text
        .replaceAll(/new URL\("[^"]*?([\w-]+)\.ts", import\.meta\.url\)/g, (whole: string, name: string) => (entryNames.has(name) ? `new URL("./${name}.js", capstanBundle.url)` : whole))
        .replaceAll("import.meta.dirname", `capstanFolder(${here})`).replaceAll("import.meta.url", `new URL(${here}, capstanBundle.url).href`)
        .replaceAll("capstanBundle", "import.meta").replaceAll("capstanFolder(", "((file: string) => new URL(\".\", new URL(file, import.meta.url)).pathname)(");
      return { contents, loader: "ts" };
    });
  },
};

/** What the job queues use of BullMQ and its client, and where it is. As CommonJS, whose modules may load each other in any order. */
const leanPackages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bullmq: { Queue: "dist/cjs/classes/queue.js", Worker: "dist/cjs/classes/worker.js", UnrecoverableError: "dist/cjs/classes/errors/unrecoverable-error.js" },
  ioredis: { Redis: "built/index.js" },
};

/** Parts of BullMQ for other databases, and its calendar: the job queues ask for none of them. */
const unusedByJobs = /^cron-parser$|\/(?:bun-redis-client|node-redis-client|valkey-glide-client|redis-relay-backend|postgres)$/;

/** Takes of large packages only what is used: BullMQ, loaded as it is, costs the daemon some 10 MB more. */
const lean: Plugin = {
  name: "lean",
  setup(build) {
    build.onResolve({ filter: /^(?:bullmq|ioredis)$/ }, ({ path, kind }) => (kind === "dynamic-import" ? { path, namespace: "lean" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "lean" }, ({ path }) => ({ contents: reexports(path), resolveDir: root }));
    build.onResolve({ filter: unusedByJobs }, ({ path, importer }) => (importer.includes("/node_modules/bullmq/") ? { path, namespace: "unused" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "" }));
  },
};

function reexports(name: string): string {
  return Object.entries(leanPackages[name] ?? {}).map(([exported, file]) => `export { ${exported} } from ${JSON.stringify(`${name}/${file}`)};`).join("\n");
}

/** An import of Node's `http` reads all it exports, and with that loads Node's own fetch and WebSocket, some 14 MB that nobody here uses; asking for it does not. */
const plainHttp: Plugin = {
  name: "plain-http",
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?http$/ }, () => ({ path: "node:http", namespace: "plain-http" }));
    build.onLoad({ filter: /.*/, namespace: "plain-http" }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule("${path}");` }));
  },
};

/** Everything the bundle is made of, by name, size and time: cheap to ask on every start. */
function stampOf(): string {
  const files = [...sourceFolders.flatMap((folder) => filesBelow(join(root, folder))), join(root, "package-lock.json")];
  const lines = files.map((file) => { const { size, mtimeMs } = statSync(file); return `${relative(root, file)} ${size} ${mtimeMs}`; });
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleDaemon();
