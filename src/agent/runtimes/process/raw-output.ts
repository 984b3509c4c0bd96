import { join } from "node:path";
import type { ProgramStreams } from "../../../api/nodes.ts";
import type { Clock } from "../../../world/clock.ts";
import { readAt, statSync, watch } from "./disk.ts";

/** Read at once; bounds memory per reader. */
const chunkBytes = 65_536;
/** Where the folder cannot be watched, output is looked for this often. */
const lookMs = 250;
const names = ["stdout", "stderr"] as const;

/** What following a run's output takes. */
export interface FollowOutputOptions {
  /** The run's own folder. */
  readonly folder: string;
  readonly clock: Clock;
  /** True when the run has ended and nothing more is written. */
  readonly isEnded: () => boolean;
}

/** Passes on what a run says from now on, byte by byte as it says it, until it ends or the signal aborts. */
export async function followOutput({ folder, clock, isEnded }: FollowOutputOptions, streams: ProgramStreams, signal: AbortSignal): Promise<void> {
  // Taken before the caller goes on, so that what its next act makes the program say is heard.
  const offsets = { stdout: sizeOf(join(folder, "stdout")), stderr: sizeOf(join(folder, "stderr")) };
  let wake: () => void = () => undefined;
  const watcher = watch(folder, { persistent: false }, () => { wake(); });
  watcher.on("error", () => { watcher.close(); });
  try {
    while (!signal.aborted) {
      const isLast = isEnded();
      const changed = new Promise<void>((resolve) => { wake = resolve; });
      let hasMore = false;
      for (const name of names) {
        const bytes = await readAt(join(folder, name), offsets[name], chunkBytes);
        offsets[name] += bytes.length;
        hasMore ||= bytes.length > 0;
        if (bytes.length > 0) await streams.write(name, bytes);
      }
      if (hasMore) continue;
      if (isLast) return;
      const onAbort = () => { wake(); };
      signal.addEventListener("abort", onAbort, { once: true });
      const cancel = clock.after(lookMs, () => { wake(); });
      await changed;
      cancel();
      signal.removeEventListener("abort", onAbort);
    }
  } finally {
    watcher.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
