import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { data, templates } from "./cases.ts";

/**
 * Asks a real kubectl, which holds Go's own text/template, what every case gives, and writes golden.json: `node test/conformance/go-template/rebuild.ts`.
 * Needs no server. npm test needs no kubectl: it compares with the file.
 */
const folder = mkdtempSync(join(tmpdir(), "go-template-"));
try {
  const object = join(folder, "object.json");
  writeFileSync(object, JSON.stringify(data));
  const golden = templates.map((template) => {
    const file = join(folder, "case.tpl");
    writeFileSync(file, template);
    const { stdout, stderr, status } = spawnSync("kubectl", ["label", "--local", "-f", object, "a=b", "-o", "go-template-file", "--template", file], { encoding: "utf8", env: { PATH: process.env["PATH"], HOME: folder } });
    if (status === 0) return { template, output: stdout };
    return { template, error: stderr.trim().split("\n").filter((line) => line.startsWith("error:")).join("\n").replace(/^error: (?:error (?:parsing|executing) template .*?, ?|error executing template [^]*?: )?/s, "") };
  });
  writeFileSync(join(import.meta.dirname, "golden.json"), `[\n${golden.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`);
  console.log(`${golden.length} cases, ${golden.filter((entry) => "error" in entry).length} of them errors`);
} finally {
  rmSync(folder, { recursive: true });
}
