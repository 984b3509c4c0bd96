import type { LogOptions } from "../../api/nodes.ts";
import { parseLogLine, printNanoTime } from "./cri-log.ts";

const newline = 10;

/** Turns a stream of CRI bytes into what `kubectl logs` prints; lines may be cut anywhere between calls. */
export class LogSelector {
  readonly #sinceMs: number;
  readonly #hasTimestamps: boolean;
  #bytesLeft: number;
  #rest: Uint8Array = new Uint8Array(0);
  #isLineOpen = false;

  constructor(options: LogOptions, nowMs: number) {
    this.#sinceMs = Math.max(
      options.sinceSeconds === undefined ? -Infinity : nowMs - options.sinceSeconds * 1000,
      options.sinceTime === undefined ? -Infinity : Date.parse(options.sinceTime),
    );
    this.#hasTimestamps = options.timestamps === true;
    this.#bytesLeft = options.limitBytes ?? Infinity;
  }

  /** True when limitBytes is used up. */
  get isFull(): boolean {
    return this.#bytesLeft <= 0;
  }

  /** The bytes to send for the next bytes of the log. */
  push(bytes: Uint8Array): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const out: Uint8Array[] = [];
    let at = 0;
    for (let end = all.indexOf(newline, at); end >= 0; end = all.indexOf(newline, at)) {
      out.push(...this.#line(all.subarray(at, end)));
      at = end + 1;
    }
    // A copy: the reader's buffer is used again.
    this.#rest = Uint8Array.from(all.subarray(at));
    const joined = Buffer.concat(out);
    const taken = joined.subarray(0, Math.min(joined.length, this.#bytesLeft));
    this.#bytesLeft -= taken.length;
    return taken;
  }

  #line(bytes: Uint8Array): readonly Uint8Array[] {
    const line = parseLogLine(bytes);
    if (line === undefined || line.timeMs < this.#sinceMs) return [];
    const head = this.#hasTimestamps && !this.#isLineOpen ? [Buffer.from(`${printNanoTime(line.timeMs)} `)] : [];
    this.#isLineOpen = !line.isWhole;
    return [...head, line.text, ...(line.isWhole ? [Buffer.from("\n")] : [])];
  }
}

/** Where the last `count` whole lines of these bytes begin, counting CRI pieces of one line as one; undefined when there are fewer. */
export function tailOffset(bytes: Uint8Array, count: number): { readonly offset: number } | { readonly found: number } {
  let found = 0;
  let end = bytes.length;
  while (end > 0) {
    const start = bytes.lastIndexOf(newline, end - 2) + 1;
    const line = parseLogLine(bytes.subarray(start, end - 1));
    if (line?.isWhole === true) {
      if (found === count) return { offset: end };
      found += 1;
    }
    end = start;
  }
  return { found };
}
