import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sourceFolder = join(root, "src", "web", "app");
const outputFolder = join(root, "dist", "web");

/** What the browsers of the last two years run. */
const targets = ["chrome111", "firefox114", "safari16.4"];

const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml",
};

/** Bundles the page into `dist/web` when its sources changed since the last time; answers whether it did. */
export async function buildPage(): Promise<boolean> {
  const stampFile = join(outputFolder, "stamp");
  const stamp = stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return false;
  mkdirSync(dirname(outputFolder), { recursive: true });
  const folder = mkdtempSync(join(dirname(outputFolder), "web-"));
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

async function bundle(folder: string): Promise<void> {
  const assets = join(folder, "assets");
  // Only a stale page needs the bundler.
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: { main: join(sourceFolder, "main.tsx"), theme: join(sourceFolder, "theme-first.ts"), app: join(sourceFolder, "app.css") },
    bundle: true, minify: true, format: "esm", target: targets, outdir: assets, entryNames: "[name]-[hash]", assetNames: "[name]-[hash]", metafile: true, write: true,
    jsx: "automatic", jsxImportSource: "preact", legalComments: "none", logLevel: "silent", absWorkingDir: root, treeShaking: true,
    alias: { "node:net": join(sourceFolder, "no-sockets.ts") },
  });
  const outputOf = (entry: string): string => {
    const found = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint === `src/web/app/${entry}`);
    if (found === undefined) throw new Error(`the page's ${entry} gave no output`);
    return `assets/${relative(assets, join(root, found[0]))}`;
  };
  writeFileSync(join(assets, "icon.svg"), readFileSync(join(sourceFolder, "icon.svg")));
  const document = readFileSync(join(sourceFolder, "app.html"), "utf8")
    .replaceAll("{{theme}}", outputOf("theme-first.ts")).replaceAll("{{style}}", outputOf("app.css")).replaceAll("{{main}}", outputOf("main.tsx"));
  writeFileSync(join(folder, "app.html"), document);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ files: Object.fromEntries(filesBelow(folder).map((file) => [relative(folder, file), describe(file)])) }));
}

/** Compresses a file beside itself and says what it is. */
function describe(file: string) {
  const content = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  return {
    contentType: contentTypes[extname(file)] ?? "application/octet-stream", digest: createHash("sha256").update(content).digest("hex").slice(0, 32),
    isImmutable: /-[A-Z0-9]{8}\.(?:js|css)$/.test(file), isCompressed: true,
  };
}

/** Everything the page is made of, by name, size and time: cheap to ask on every start. */
function stampOf(): string {
  const sources = [...filesBelow(sourceFolder), ...filesBelow(join(root, "src", "model")), ...filesBelow(join(root, "src", "value")), fileURLToPath(import.meta.url), join(root, "package-lock.json")]
    .filter((file) => !file.endsWith(".test.ts"));
  const lines = sources.map((file) => { const { size, mtimeMs } = statSync(file); return `${relative(root, file)} ${size} ${mtimeMs}`; });
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
