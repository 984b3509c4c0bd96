import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../tidy/sources.ts";

/** `npm run properties`: every file that states a property, again and again with fresh cases. What fails prints its seed and its smallest case. */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "10" } } });

const files = globSync("{src,cmd,charts,test}/**/*.test.ts", { cwd: root, exclude: ["**/node_modules/**"] })
  .filter((file) => readFileSync(join(root, file), "utf8").includes('from "fast-check"')).toSorted();
let failures = 0;
for (let round = 1; round <= Number(values.rounds); round++) {
  const run = spawnSync(process.execPath, ["--test", "--test-reporter=dot", ...files], { cwd: root, encoding: "utf8" });
  if (run.status === 0) continue;
  failures++;
  process.stdout.write(run.stdout);
}
process.stdout.write(`${files.length} files, ${values.rounds} rounds, ${failures} failed\n`);
process.exitCode = failures > 0 ? 1 : 0;
