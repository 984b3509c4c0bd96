import { inputLines, inputRedirections } from "./container-input.ts";
import type { InputMode } from "./container-input.ts";
import type { MountStep } from "./mount-plan.ts";
import { quoteWord } from "./quote-word.ts";

/** Helper programs of util-linux and coreutils, by absolute path so that a container's own PATH does not matter. */
export interface Helpers {
  readonly unshare: string;
  readonly mount: string;
  readonly umount: string;
  readonly pivotRoot: string;
  readonly setpriv: string;
  readonly nsenter: string;
  readonly mkdir: string;
  readonly ln: string;
  readonly mkfifo: string;
  /** Gives programs a terminal; undefined where there is none. */
  readonly script?: string;
}

/** How containers get a private view of the file system. */
export type Isolation = "root" | "user" | "none";

export interface LaunchOptions {
  /** The run's own folder: `pid`, `exit` and `error` are written there. */
  readonly folder: string;
  readonly workingDir: string;
  readonly hostname: string;
  readonly steps: readonly MountStep[];
  readonly isolation: Isolation;
  readonly helpers: Helpers;
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  readonly input?: InputMode;
  /** Stand before the program: see `unpackWords`. */
  readonly unpacking?: readonly string[];
  /** The program's command line and the helper that gives it a terminal; absent: it gets none, and its command is given to the wrapper. */
  readonly terminal?: { readonly script: string; readonly command: readonly string[] };
}

/**
 * The wrapper around one run, for `/bin/sh wrapper.sh COMMAND…`. It waits for the program in the foreground and records its exit code,
 * so that the code is not lost while the daemon is away; one shell costs under 1 MiB. The line's end in `exit` says that it is whole.
 */
export function wrapperScript({ folder, isolation, helpers, input, terminal }: LaunchOptions): string {
  const enter = {
    root: `${helpers.unshare} --mount --uts --propagation private -- `,
    user: `${helpers.unshare} --user --map-root-user --mount --uts --propagation private -- `,
    none: "",
  }[isolation];
  const start = `${enter}/bin/sh ${quoteWord(`${folder}/program.sh`)}`;
  return [
    // A shell says "Killed" of a program that was; that is not the program's output, whose own way is descriptor 4.
    `exec 4>&2 2>/dev/null`,
    // What has a terminal has a session of its own, so that the session does not tell the wrapper's number.
    ...(terminal === undefined ? [] : [`read -r stat </proc/$$/stat; printf '%s\\n' "$stat" >${quoteWord(`${folder}/wrapper`)}`, ...terminalEnvironment]),
    ...(input === undefined ? [] : inputLines(folder, input)),
    terminal === undefined ? `${start} "$@" ${inputRedirections}` : `${terminalWords(terminal.script, `exec ${start} ${terminal.command.map(quoteWord).join(" ")}`).map(quoteWord).join(" ")} 4>&- ${inputRedirections}`,
    `code=$?`,
    `printf '%s\\n' "$code" >${quoteWord(`${folder}/exit`)}`,
    "",
  ].join("\n");
}

/** The helper that runs a command line in a terminal of its own and answers its exit code. */
export function terminalWords(script: string, line: string): readonly string[] {
  return [script, "--quiet", "--return", "--flush", "--echo", "always", "--command", line, "/dev/null"];
}

/** The helper would start its program by the container's own SHELL. */
const terminalEnvironment: readonly string[] = [`[ -z "\${SHELL+x}" ] || { export CAPSTAN_HIDDEN_SHELL="$SHELL"; export SHELL=/bin/sh; }`, `: "\${TERM:=xterm}"; export TERM`];
const terminalRestore = `[ -z "\${CAPSTAN_HIDDEN_SHELL+x}" ] || { export SHELL="$CAPSTAN_HIDDEN_SHELL"; unset CAPSTAN_HIDDEN_SHELL; }`;

/** What runs inside: records itself, builds the private view of the file system, and becomes the program. */
export function programScript({ folder, workingDir, hostname, steps, isolation, helpers, user, unpacking = [], terminal }: LaunchOptions): string {
  const scratch = `${folder}/private`;
  return [
    terminal === undefined ? `exec 2>&4 4>&-` : terminalRestore,
    // Recorded before anything is covered; the start time in it tells this process from a later one of the same number.
    `exec 3>${quoteWord(`${folder}/error`)}`,
    `read -r stat </proc/self/stat; printf '%s\\n' "$stat" >${quoteWord(`${folder}/pid`)}`,
    `fail() { printf '%s\\n' "$1" >&3; exit 128; }`,
    ...(isolation === "none" ? [] : [`hostname ${quoteWord(hostname)} 2>/dev/null`]),
    ...(steps.length === 0 ? [] : [`${helpers.mount} -t tmpfs -o mode=0755 capstan ${quoteWord(scratch)} 2>&3 || fail 'cannot mount a private tmpfs'`]),
    ...steps.flatMap((step, position) => stepLines(step, { scratch, helpers, position })),
    `cd ${quoteWord(workingDir)} 2>&3 || fail ${quoteWord(`workingDir ${workingDir} cannot be entered`)}`,
    `command -v -- "$1" >/dev/null 2>&1 || fail "exec: \\"$1\\": executable file not found in \\$PATH"`,
    `exec ${unpacking.map((word) => `${quoteWord(word)} `).join("")}${user === undefined ? "" : `${setpriv(helpers, user)} `}"$@" 3>&-`,
    "",
  ].join("\n");
}

function setpriv(helpers: Helpers, user: NonNullable<LaunchOptions["user"]>): string {
  const groups = user.groups.length === 0 ? "--clear-groups" : `--groups ${user.groups.join(",")}`;
  return `${helpers.setpriv} --reuid ${String(user.uid)} --regid ${String(user.gid)} ${groups} --inh-caps=-all --`;
}

interface StepContext {
  readonly scratch: string;
  readonly helpers: Helpers;
  readonly position: number;
}

function stepLines(step: MountStep, { scratch, helpers, position }: StepContext): readonly string[] {
  const { mount, mkdir } = helpers;
  switch (step.kind) {
    case "hold": {
      const held = quoteWord(`${scratch}/v${String(step.index)}`);
      return [`${step.isFile ? `: >${held}` : `${mkdir} ${held}`} && ${mount} --bind ${quoteWord(step.source)} ${held} 2>&3 || fail ${quoteWord(`cannot bind ${step.source}`)}`];
    }
    case "mirrorRoot": return mirrorRoot(`${scratch}/root`, helpers);
    case "cover": return cover(step, `${scratch}/c${String(position)}`, helpers);
    case "point": {
      const parent = step.path.slice(0, Math.max(1, step.path.lastIndexOf("/")));
      const make = step.isFile ? `${mkdir} -p ${quoteWord(parent)} && : >>${quoteWord(step.path)}` : `${mkdir} -p ${quoteWord(step.path)}`;
      return [`{ ${make}; } 2>&3 || fail ${quoteWord(`cannot make mount point ${step.path}`)}`];
    }
    case "bind": {
      const target = quoteWord(step.target);
      const bind = `${mount} --bind ${quoteWord(`${scratch}/v${String(step.index)}`)} ${target} 2>&3 || fail ${quoteWord(`cannot mount at ${step.target}`)}`;
      const readOnly = `${mount} -o remount,bind,ro ${target} 2>/dev/null || ${mount} -o remount,bind,ro,nosuid,nodev ${target} 2>&3 || fail ${quoteWord(`cannot make ${step.target} read-only`)}`;
      return step.isReadOnly ? [bind, readOnly] : [bind];
    }
  }
}

/** Unbindable, or the recursive bind of the entry it lies in would show it in itself. */
function mirrorRoot(root: string, { mount, umount, pivotRoot, mkdir, ln }: Helpers): readonly string[] {
  const word = quoteWord(root);
  return [
    `${mkdir} ${word} && ${mount} -t tmpfs -o mode=0755 capstan ${word} 2>&3 && ${mount} --make-unbindable ${word} 2>&3 || fail 'cannot make a private root'`,
    `for entry in /* /.[!.]*; do`,
    `  to=${word}$entry`,
    `  if [ -L "$entry" ]; then ${ln} -s "$(readlink "$entry")" "$to"`,
    `  elif [ -d "$entry" ]; then ${mkdir} "$to" && ${mount} --rbind "$entry" "$to"`,
    `  elif [ -e "$entry" ]; then : >"$to" && ${mount} --bind "$entry" "$to"; fi 2>&3 || fail "cannot show $entry in the private root"`,
    `done`,
    `cd ${word} && ${pivotRoot} . . 2>&3 && ${umount} -l . 2>&3 && cd / || fail 'cannot enter the private root'`,
  ];
}

/** An overlay whose upper layer is in the private tmpfs; where the kernel refuses, a tmpfs that shows every entry by bind mounts. */
function cover({ path, submounts }: MountStep & { readonly kind: "cover" }, layer: string, { mount, mkdir, ln }: Helpers): readonly string[] {
  const [whole, upper, work, merged] = [layer, `${layer}/upper`, `${layer}/work`, `${layer}/merged`].map(quoteWord);
  const shown = quoteWord(`${layer}/merged`);
  return [
    `${mkdir} ${[whole, upper, work, merged].join(" ")}`,
    `if ${mount} -t overlay -o ${quoteWord(`lowerdir=${optionValue(path)},upperdir=${optionValue(layer)}/upper,workdir=${optionValue(layer)}/work`)} capstan ${shown} 2>/dev/null; then`,
    ...submounts.map((point) => `  ${mount} --rbind ${quoteWord(point)} ${quoteWord(`${layer}/merged${point.slice(path.length)}`)} 2>&3 || fail ${quoteWord(`cannot keep ${point} visible`)}`),
    `  :`,
    `else`,
    `  for entry in ${quoteWord(path)}/* ${quoteWord(path)}/.[!.]*; do`,
    `    to=${shown}/\${entry##*/}`,
    `    if [ -L "$entry" ]; then ${ln} -s "$(readlink "$entry")" "$to"`,
    `    elif [ -d "$entry" ]; then ${mkdir} "$to" && ${mount} --rbind "$entry" "$to"`,
    `    elif [ -e "$entry" ]; then : >"$to" && ${mount} --bind "$entry" "$to"; fi 2>&3 || fail "cannot keep $entry visible"`,
    `  done`,
    `fi`,
    `${mount} --rbind ${shown} ${quoteWord(path)} 2>&3 || fail ${quoteWord(`cannot cover ${path}`)}`,
  ];
}

/** overlayfs splits its options at commas and colons. */
function optionValue(path: string): string {
  return path.replaceAll(/[\\,:]/gu, (character) => `\\${character}`);
}
