/** Names shells keep for their children. */
const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What Node reads of its own environment, which is not for the helper below. */
const nodeName = /^NODE_/;

/** Other names travel through shells as this and their bytes in hex. */
const oddPrefix = "CAPSTAN_NAMED_";

/**
 * An environment that shells pass on whole; undefined for one they do already. Kubernetes takes any printable name, such as the keys of a ConfigMap with
 * their dots. Pure.
 */
export function packOddNames(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(environment);
  if (entries.every(([name]) => shellName.test(name))) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [shellName.test(name) && !nodeName.test(name) ? name : `${oddPrefix}${Buffer.from(name).toString("hex")}`, value]));
}

/** For `node -e`: names back what was packed, finds the program as a shell does, and becomes it. */
const helper = [
  `const { accessSync, constants, statSync } = require("node:fs")`,
  `const environment = {}`,
  `for (const [name, value] of Object.entries(process.env)) environment[name.startsWith("${oddPrefix}") ? Buffer.from(name.slice(${String(oddPrefix.length)}), "hex").toString() : name] = value`,
  `const words = process.argv.slice(1)`,
  `const places = words[0].includes("/") ? [words[0]] : (environment.PATH ?? "").split(":").map((folder) => (folder === "" ? "." : folder) + "/" + words[0])`,
  `const found = places.find((place) => { try { accessSync(place, constants.X_OK); return statSync(place).isFile(); } catch { return false; } })`,
  `process.execve(require("node:path").resolve(found ?? words[0]), words, environment)`,
].join("; ");

/** Stands before a command: gives it the names that were packed, and becomes it. No value is ever in a command line. Undefined where this Node cannot become another program. */
export const unpackWords: readonly string[] | undefined = typeof process.execve === "function" ? [process.execPath, "--no-warnings", "-e", helper, "--"] : undefined;
