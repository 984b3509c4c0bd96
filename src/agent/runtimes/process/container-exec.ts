import type { ProgramStreams, TerminalSize } from "../../../api/nodes.ts";
import { hasErrorCode } from "../../../world/error-code.ts";
import type { Clock } from "../../../world/clock.ts";
import { readFileSync, readlinkSync } from "./disk.ts";
import type { Abilities } from "./isolation.ts";
import { terminalWords } from "./launch-script.ts";
import { quoteWord } from "./quote-word.ts";
import { hideLoader, restoreLoaderWords } from "./loader-environment.ts";
import type { Programs } from "./programs.ts";
import { runConnected } from "./connected-program.ts";
import type { RunRecord } from "./run-record.ts";
import type { ProgramRequest } from "../runtime.ts";
import { RuntimeProblem } from "../runtime.ts";

/** A terminal's program is there some milliseconds after its helper; a size that comes earlier waits this often for it. */
const terminalLooksMax = 100;
const terminalLookMs = 10;

/** A command line that runs where a container runs, and what it is started with. */
export interface EnteringCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The command line that enters a running container as its user. @param pid the container's own program */
export function enterContainer(record: RunRecord, pid: number, options: { readonly command: readonly string[]; readonly abilities: Abilities }): EnteringCommand {
  const { helpers, isolation } = options.abilities;
  // Opened where the container is: a folder of outside has no path there, and who may not read its parents cannot say where it is.
  const go = [helpers.nsenter, `--wd=${record.workingDir}`, "--"];
  const enter = record.isIsolated ? [helpers.nsenter, ...(isolation === "user" ? ["--user", "--preserve-credentials"] : []), "--mount", "--uts", "--target", String(pid), "--", ...go] : [];
  const { user } = record;
  const become = user === undefined ? [] : [helpers.setpriv, "--reuid", String(user.uid), "--regid", String(user.gid), ...(user.groups.length === 0 ? ["--clear-groups"] : ["--groups", user.groups.join(",")]), "--"];
  return {
    command: [...enter, ...become, ...restoreLoaderWords, ...options.command], env: hideLoader(environmentOf(pid)),
    ...(record.isIsolated ? {} : { cwd: record.workingDir }),
  };
}

function environmentOf(pid: number): Readonly<Record<string, string>> {
  const entries = readFileSync(`/proc/${String(pid)}/environ`, "utf8").split("\0").filter((entry) => entry.includes("="));
  return Object.fromEntries(entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]));
}

/** What running a program in a container takes. */
export interface ExecOptions {
  readonly request: ProgramRequest;
  readonly streams: ProgramStreams;
  readonly abilities: Abilities;
  readonly clock: Clock;
  readonly programs: Programs;
}

/** Runs a program in a container, between a client's streams. Answers its exit code. */
export async function execInContainer(record: RunRecord, pid: number, options: ExecOptions, signal: AbortSignal): Promise<number> {
  const { request, streams, abilities, clock, programs } = options;
  // A shell in between, so that what cannot be found is said as a container runtime does.
  const found = ["/bin/sh", "-c", `command -v -- "$1" >/dev/null 2>&1 || { printf 'exec: "%s": executable file not found in $PATH\\n' "$1" >&2; exit 127; }; exec "$@"`, "sh", ...request.command];
  const entering = enterContainer(record, pid, { command: found, abilities });
  if (!request.isTerminal) return runConnected(entering, streams, { programs, signal });
  const { script } = abilities.helpers;
  if (script === undefined) throw new RuntimeProblem("ExecError", "a terminal needs the program \"script\" of util-linux on the node; ask without --tty");
  const line = `exec ${entering.command.map(quoteWord).join(" ")}`;
  const terminal: EnteringCommand = { ...entering, command: terminalWords(script, line), env: { TERM: "xterm", ...entering.env } };
  return runConnected(terminal, streams, { programs, signal, onStart: (helper) => { void followSizes(() => findTerminal(helper, clock), { sizes: streams.sizes, programs, signal }); } });
}

/** Gives a program's terminal every size that comes. A terminal that has gone is left alone. */
export async function followSizes(find: () => Promise<string | undefined>, { sizes, programs, signal }: { readonly sizes: AsyncIterable<TerminalSize> | undefined; readonly programs: Programs; readonly signal: AbortSignal }): Promise<void> {
  if (sizes === undefined) return;
  for await (const { rows, columns } of sizes) {
    const terminal = await find();
    if (terminal === undefined || signal.aborted) return;
    await programs.run(["stty", "-F", terminal, "rows", String(rows), "columns", String(columns)], { signal }).catch(() => undefined);
  }
}

/** The device of the terminal a helper made for its child; undefined when the helper has ended. */
async function findTerminal(helper: number, clock: Clock): Promise<string | undefined> {
  for (let look = 0; look < terminalLooksMax; look++) {
    try {
      const [child = ""] = readFileSync(`/proc/${String(helper)}/task/${String(helper)}/children`, "utf8").trim().split(" ");
      const device = child === "" ? undefined : terminalOf(Number(child));
      if (device !== undefined) return device;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    await clock.sleep(terminalLookMs);
  }
  return undefined;
}

/** The terminal a program reads from; undefined where it reads from something else, or has ended. */
export function terminalOf(pid: number): string | undefined {
  try {
    const device = readlinkSync(`/proc/${String(pid)}/fd/0`);
    return device.startsWith("/dev/pts/") ? device : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return hasErrorCode(error, "ENOENT", "ESRCH", "EACCES");
}
