import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutLines, logLineMaxBytes, parseLogLine, printLogLine } from "../../logs/cri-log.ts";
import { LogSelector, tailOffset } from "../../logs/select-logs.ts";
import { AddressPool, parseBlock } from "./address-pool.ts";
import { quoteWord } from "./quote-word.ts";
import type { HostView } from "./mount-plan.ts";
import { parseMountPoints, planMounts } from "./mount-plan.ts";
import { parseProcessStat } from "./process-table.ts";
import { startProcesses } from "../../../world/real/processes.ts";
import { Programs } from "./programs.ts";

/** A host with these directories. */
function hostWith(directories: readonly string[], mountPoints: readonly string[] = ["/"]): HostView {
  return {
    mountPoints,
    resolve(path) {
      let existing = path;
      while (existing !== "/" && !directories.includes(existing)) existing = existing.slice(0, existing.lastIndexOf("/")) || "/";
      return { path, existing, kind: existing === path ? "directory" : undefined };
    },
  };
}

const wish = (target: string) => ({ source: `/state${target}`, target, isReadOnly: false, isFile: false });
const stepsOf = (targets: readonly string[], host: HostView) => planMounts(targets.map(wish), host).filter((step) => step.kind !== "hold").map((step) => `${step.kind}${"path" in step ? ` ${step.path}` : ""}${"target" in step ? ` ${step.target}` : ""}`);

const plans: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["an existing directory is bound over", ["/srv"], ["bind /srv"]],
  ["a missing one has its nearest parent covered", ["/etc/app/conf"], ["cover /etc", "point /etc/app/conf", "bind /etc/app/conf"]],
  ["one cover serves two, and lies below what is bound", ["/etc/a", "/etc/b"], ["cover /etc", "point /etc/a", "bind /etc/a", "point /etc/b", "bind /etc/b"]],
  ["a missing top-level directory needs a private root", ["/data"], ["mirrorRoot", "point /data", "bind /data"]],
  ["a mount inside another is made in it", ["/srv/in", "/srv"], ["bind /srv", "point /srv/in", "bind /srv/in"]],
];
for (const [title, targets, steps] of plans) test(title, () => { assert.deepEqual(stepsOf(targets, hostWith(["/srv", "/etc"])), steps); });

for (const target of ["/", "srv", "/srv/../etc"]) test(`nothing is mounted at ${target}`, () => { assert.throws(() => stepsOf([target], hostWith(["/srv"])), { reason: "CreateContainerError" }); });

test("mounts below a covered directory stay visible", () => {
  const [cover] = planMounts([wish("/var/x")], hostWith(["/var"], ["/", "/var/lib/data", "/varied"])).filter((step) => step.kind === "cover");
  assert.deepEqual(cover?.submounts, ["/var/lib/data"]);
});

test("mount points are read with their escapes", () => {
  assert.deepEqual(parseMountPoints("36 35 98:0 / /mnt/a\\040b rw - ext4 /dev/x rw\n35 1 98:0 / / rw - ext4 /dev/x rw\n"), ["/", "/mnt/a b"]);
});

test("a process is told by its start, whatever its name", () => {
  const stat = `7 (a) b (c)) S 1 7 6 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 9 9`;
  assert.deepEqual(parseProcessStat(stat), { pid: 7, state: "S", session: 6, startTicks: "4242" });
  assert.equal(parseProcessStat("7 (a"), undefined);
});

test("a quoted word means itself to a shell", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ minLength: 1 }).filter((text) => !text.includes("\0")), async (text) => {
    const { output } = await new Programs(startProcesses()).run(["/bin/sh", "-c", `printf %s ${quoteWord(text)}`], { signal: AbortSignal.timeout(5_000) });
    assert.equal(output, text);
  }), { numRuns: 20 });
});

test("addresses are unique, never end in 0 or 255, and a freed one comes back last", () => {
  const pool = new AddressPool("127.64.0.0/24");
  pool.claim("127.64.0.1");
  const taken = Array.from({ length: 253 }, () => pool.take());
  assert.equal(new Set([...taken, "127.64.0.1"]).size, 254);
  assert.throws(() => pool.take(), /no pod address is free/u);
  pool.free("127.64.0.9");
  assert.equal(pool.take(), "127.64.0.9");
  for (const text of ["127.64.0.0", "1.2.3/8", "300.0.0.0/8", "127.0.0.0/31"]) assert.throws(() => parseBlock(text));
});

const bytes = fc.uint8Array({ maxLength: 3 * logLineMaxBytes }).map((array) => array.map((byte) => (byte % 7 === 0 ? 10 : byte)));

test("output cut into CRI lines and read back is the same, however it is cut", () => {
  fc.assert(fc.property(bytes, fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 5 }), (raw, sizes) => {
    const { lines, used } = cutLines(raw, true);
    assert.equal(used, raw.length);
    const log = Buffer.concat(lines.map((line) => printLogLine({ timeMs: 0, stream: "stdout", ...line })));
    const selector = new LogSelector({}, 0);
    const out: Uint8Array[] = [];
    for (let at = 0, i = 0; at < log.length; i++) {
      const size = (sizes[i % sizes.length] ?? 0) + 1;
      out.push(selector.push(log.subarray(at, at + size)));
      at += size;
    }
    const ended = raw.length === 0 || raw.at(-1) === 10 ? Buffer.from(raw) : Buffer.concat([raw, Buffer.from("\n")]);
    assert.ok(Buffer.concat(out).equals(ended));
  }), { numRuns: 50 });
});

test("an unfinished line waits, a long one is cut in pieces", () => {
  assert.deepEqual(cutLines(Buffer.from("a\nb"), false), { lines: [{ isWhole: true, text: Buffer.from("a") }], used: 2 });
  assert.deepEqual(cutLines(Buffer.alloc(logLineMaxBytes + 1, 97), false).lines.map((line) => line.isWhole), [false]);
});

test("since drops older lines", () => {
  const line = (timeMs: number, text: string) => printLogLine({ timeMs, stream: "stderr", isWhole: true, text: Buffer.from(text) });
  const selected = new LogSelector({ sinceSeconds: 5 }, 10_000).push(Buffer.concat([line(4_000, "old"), line(6_000, "new")]));
  assert.equal(Buffer.from(selected).toString("utf8"), "new\n");
  assert.equal(parseLogLine(Buffer.from("no log line")), undefined);
});

test("a tail counts the pieces of one line as one", () => {
  const print = (text: string, isWhole: boolean) => printLogLine({ timeMs: 0, stream: "stdout", isWhole, text: Buffer.from(text) });
  const first = print("a", true);
  const log = Buffer.concat([first, print("b1", false), print("b2", true), print("c", true)]);
  assert.deepEqual(tailOffset(log, 2), { offset: first.length });
  assert.deepEqual(tailOffset(log, 5), { found: 3 });
});
