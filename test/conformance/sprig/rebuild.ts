import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { data, expressions } from "./cases.ts";

/**
 * Asks Sprig itself what every case gives, and writes golden.json: `node test/conformance/sprig/rebuild.ts`. Needs Go and Sprig's sources, as Debian packs them:
 * golang-go, golang-github-masterminds-sprig-dev, golang-github-burntsushi-toml-dev, golang-k8s-sigs-yaml-dev. npm test needs none: it compares with the file.
 */
const { stdout, stderr, status } = spawnSync("go", ["run", join(import.meta.dirname, "main.go")], {
  input: JSON.stringify({ data, expressions }), encoding: "utf8",
  env: { PATH: process.env["PATH"], HOME: process.env["HOME"], GO111MODULE: "off", GOPATH: "/usr/share/gocode", TZ: "UTC" },
});
if (status !== 0) throw new Error(stderr);
const answers = JSON.parse(stdout) as readonly { readonly output: string; readonly error?: string }[];
const golden = expressions.map((expression, index) => {
  const { output, error } = answers[index] ?? { output: "", error: "no answer" };
  return JSON.stringify(error === undefined ? { expression, output } : { expression, error });
});
writeFileSync(join(import.meta.dirname, "golden.json"), `[\n${golden.join(",\n")}\n]\n`);
console.log(`${golden.length} cases, ${answers.filter(({ error }) => error !== undefined).length} of them errors`);
