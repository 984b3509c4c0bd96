import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startRunningPod } from "./running-pod.ts";
import type { RunningPod } from "./running-pod.ts";

const script = fileURLToPath(new URL("python-client.py", import.meta.url));

/** Every function of the script that is a check. */
const names = [...readFileSync(script, "utf8").matchAll(/^@check\ndef (\w+)\(/gm)].map(([, name = ""]) => name);

/** Debian's own before another in the PATH: the package belongs to it. */
const python = ["/usr/bin/python3", "python3"].find((path) => spawnSync(path, ["-c", "import kubernetes"]).status === 0);

const skip = python !== undefined ? false : "no python3-kubernetes on this machine (Debian: apt-get install python3-kubernetes)";

describe("python3-kubernetes", { skip, timeout: 60_000 }, () => {
  let pod: RunningPod;
  let results: Readonly<Record<string, string>>;
  before(async () => {
    pod = await startRunningPod();
    const { stdout } = await promisify(execFile)(python ?? "python3", [script, join(pod.edge.directory, "kubeconfig")], { timeout: 50_000, env: { PATH: process.env["PATH"] ?? "", HOME: pod.edge.directory } });
    results = JSON.parse(stdout) as Readonly<Record<string, string>>;
  });
  after(async () => pod.close());

  for (const name of names) test(name.replaceAll("_", " "), () => assert.equal(results[name], "ok"));
});
