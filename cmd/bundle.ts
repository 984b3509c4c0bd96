import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Where the bundle lies; two folders below the root, as `locate` below counts on. */
const outputFolder = join(root, "dist", "daemon");

/** Folders whose TypeScript the daemon runs. */
const sourceFolders = ["cmd", "src", "charts"];

/** The program and its threads: each becomes a file of its own name. */
const entryPoints = ["cmd/capstan.ts", "src/store/sqlite/thread.ts", "src/render/render-worker.ts", "src/sources/drivers/isomorphic-worker.ts"];

/** Bundles the daemon into `dist/daemon` when its sources changed since the last time; answers whether it did. */
export async function bundleDaemon(): Promise<boolean> {
  const stampFile = join(outputFolder, "stamp");
  const stamp = stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return false;
  mkdirSync(dirname(outputFolder), { recursive: true });
  const folder = mkdtempSync(join(dirname(outputFolder), "daemon-"));
  try {
    await bundle(folder);
    writeFileSync(join(folder, "stamp"), stamp);
    rmSync(outputFolder, { recursive: true, force: true });
    renameSync(folder, outputFolder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}

/** Names are kept and maps written, so that a stack trace names the source's own file and line. */
async function bundle(folder: string): Promise<void> {
  // Only a stale bundle needs the bundler.
  const { build } = await import("esbuild");
  await build({
    entryPoints: entryPoints.map((file) => join(root, file)), entryNames: "[name]", chunkNames: "[name]-[hash]", outdir: folder, absWorkingDir: root,
    bundle: true, splitting: true, format: "esm", platform: "node", target: "node24", 
    // BullMQ and ioredis load each other as CommonJS and as modules; bundled, the two forms do not meet.
    external: ["bullmq", "ioredis"],
    sourcemap: "linked", sourcesContent: false, sourceRoot: "", legalComments: "none", logLevel: "error", plugins: [locate],
    // Packages written as CommonJS ask for Node's own modules by `require`, which a module file does not have.
    banner: { js: "import { createRequire as capstanCreateRequire } from \"node:module\"; const require = capstanCreateRequire(import.meta.url);" },
  });
}

/** Sources that look for files beside themselves find them where they are, and threads where the bundle has them. */
const locate: Plugin = {
  name: "locate",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (path.includes("/node_modules/") || !text.includes("import.meta.")) return undefined;
      const here = JSON.stringify(`../../${relative(root, path)}`);
      const contents = text
        .replaceAll(/new Worker\(new URL\("[^"]*?([\w-]+)\.ts", import\.meta\.url\)/g, "new Worker(new URL(\"./$1.js\", capstanBundle.url)")
        .replaceAll("import.meta.dirname", `capstanFolder(${here})`).replaceAll("import.meta.url", `new URL(${here}, capstanBundle.url).href`)
        .replaceAll("capstanBundle", "import.meta").replaceAll("capstanFolder(", "((file: string) => new URL(\".\", new URL(file, import.meta.url)).pathname)(");
      return { contents, loader: "ts" };
    });
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
