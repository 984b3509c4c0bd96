import type { Readable, Writable } from "node:stream";
import type { ProgramStreams } from "../../../api/nodes.ts";
import { hasErrorCode } from "../../../world/error-code.ts";
import type { EnteringCommand } from "./container-exec.ts";
import { killedCode, killOnAbort } from "./programs.ts";
import type { Programs } from "./programs.ts";

/**
 * Runs a program between a client's streams, in its own process group; the signal kills the group. Answers the exit code when the program has ended
 * and everything it said is passed on. Throws when it cannot be started.
 */
export async function runConnected({ command, env, cwd }: EnteringCommand, streams: ProgramStreams, { programs, signal, onStart }: { readonly programs: Programs; readonly signal: AbortSignal; readonly onStart?: (pid: number) => void }): Promise<number> {
  const child = await programs.startPiped(command, { env, ...(cwd === undefined ? {} : { cwd }) });
  const letLive = killOnAbort(child, signal);
  try {
    onStart?.(child.pid);
    void feed(child.stdin, streams.stdin);
    const [{ exitCode }] = await Promise.all([child.ended, passOn(child.stdout, "stdout", streams), passOn(child.stderr, "stderr", streams)]);
    return exitCode ?? killedCode;
  } finally {
    letLive();
  }
}

async function passOn(from: Readable, stream: "stdout" | "stderr", streams: ProgramStreams): Promise<void> {
  try {
    for await (const chunk of from) await streams.write(stream, chunk as Buffer);
  } catch (error) {
    // Cut off together with the program.
    if (!hasErrorCode(error, "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  }
}

/** Writes all of the input, no faster than it is taken. A reader that has gone ends it. */
export async function feed(to: Writable, input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    to.once("close", resolve);
    to.once("error", () => { resolve(); });
  });
  for await (const chunk of input ?? []) {
    if (to.destroyed) return;
    if (!to.write(chunk)) await Promise.race([gone, new Promise<void>((resolve) => { to.once("drain", resolve); })]);
  }
  to.end();
}
