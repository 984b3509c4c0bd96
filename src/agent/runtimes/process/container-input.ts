import { join } from "node:path";
import { Socket } from "../../network/sockets.ts";
import { hasErrorCode } from "../../../world/error-code.ts";
import { feed } from "./connected-program.ts";
import type { FileHandle } from "./disk.ts";
import { constants, existsSync, files, openPipe } from "./disk.ts";
import type { Programs } from "./programs.ts";
import { quoteWord } from "./quote-word.ts";

/**
 * How a container's program is given input: `open` for as long as it runs, by whoever is attached; `once` until the first client that was attached has
 * said all it had to say.
 */
export type InputMode = "open" | "once";

/** The run's pipes: the program reads the one; who writes to the other says that there is no more to come. */
const pipeName = "stdin";
const endName = "stdin-end";
/** Says that there was an end: later clients are not heard. */
const endedName = "stdin-ended";

/** Makes the pipes a run's wrapper opens. Throws where the helper fails. */
export async function makeInput(folder: string, { mkfifo, programs, signal }: { readonly mkfifo: string; readonly programs: Programs; readonly signal: AbortSignal }): Promise<void> {
  const { code, output } = await programs.run([mkfifo, "-m", "600", join(folder, pipeName), join(folder, endName)], { signal });
  if (code !== 0) throw new Error(`a container's input could not be made: ${output.trim()}`);
}

/**
 * The lines of the wrapper that open the input as descriptor 0. While a pipe has a writer, its reader sees no end: where there is never to be one, the
 * reader is a writer too; else a shell beside the program keeps it open until it is told. Neither needs the daemon, which may stop and come back.
 */
export function inputLines(folder: string, mode: InputMode): readonly string[] {
  const [pipe, end] = [quoteWord(join(folder, pipeName)), quoteWord(join(folder, endName))];
  if (mode === "open") return [`exec 0<>${pipe}`];
  return [`exec 5<>${pipe} 6<>${end}`, `( read -r told <&6 ) &`, `exec 0<${pipe} 5>&-`];
}

/** Descriptors of the wrapper that its program does not get. */
export const inputRedirections = "6>&-";

/** Passes a client's input on, until it ends or the signal aborts; a `once` input ends with it. */
export async function feedInput(folder: string, mode: InputMode, { input, signal }: { readonly input: AsyncIterable<Uint8Array>; readonly signal: AbortSignal }): Promise<void> {
  if (existsSync(join(folder, endedName))) return;
  // For both ways, or opening would fail where the wrapper has not come that far; it is never read here.
  const pipe = new Socket({ fd: openPipe(join(folder, pipeName)), readable: false, writable: true });
  const leave = () => { pipe.destroy(); };
  pipe.on("error", leave);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    await feed(pipe, input);
  } finally {
    signal.removeEventListener("abort", leave);
    pipe.destroySoon();
    if (mode === "once") await endInput(folder);
  }
}

async function endInput(folder: string): Promise<void> {
  await files.writeFile(join(folder, endedName), "");
  let handle: FileHandle | undefined;
  try {
    handle = await files.open(join(folder, endName), constants.O_WRONLY | constants.O_NONBLOCK);
    await handle.write("\n");
  } catch (error) {
    // Nobody listens: the container has ended, or is gone.
    if (!hasErrorCode(error, "ENXIO", "EPIPE", "ENOENT")) throw error;
  } finally {
    await handle?.close();
  }
}
