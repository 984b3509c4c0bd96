/** One line of a container log. */
export interface LogLine {
  readonly timeMs: number;
  readonly stream: "stdout" | "stderr";
  /** False for a piece of a longer line. */
  readonly isWhole: boolean;
  /** Without the line's end. */
  readonly text: Uint8Array;
}

/** Longer lines are written in pieces, as containerd does (16 KiB). */
export const logLineMaxBytes = 16_384;
const newline = 10;
const space = 32;

/**
 * One CRI log line with its end: `TIME stdout F text`.
 *
 * @see kubernetes/design-proposals-archive node/kubelet-cri-logging.md
 */
export function printLogLine({ timeMs, stream, isWhole, text }: LogLine): Buffer {
  return Buffer.concat([Buffer.from(`${printNanoTime(timeMs)} ${stream} ${isWhole ? "F" : "P"} `), text, Buffer.from("\n")]);
}

/** RFC 3339 with nanoseconds, as `kubectl logs --timestamps` shows. */
export function printNanoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000000Z`;
}

/** Parses one CRI line without its end; undefined for what is none. */
export function parseLogLine(bytes: Uint8Array): LogLine | undefined {
  const first = bytes.indexOf(space);
  const second = bytes.indexOf(space, first + 1);
  const third = bytes.indexOf(space, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const head = Buffer.from(bytes.subarray(0, third)).toString("latin1");
  const [time = "", stream, tag] = head.split(" ");
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  return { timeMs: Date.parse(time), stream, isWhole: tag !== "P", text: bytes.subarray(third + 1) };
}

/** Raw output cut into lines. `used` bytes are consumed; the rest is an unfinished line, unless `isEnd`. */
export function cutLines(raw: Uint8Array, isEnd: boolean): { readonly lines: readonly Pick<LogLine, "isWhole" | "text">[]; readonly used: number } {
  const lines: Pick<LogLine, "isWhole" | "text">[] = [];
  let at = 0;
  while (at < raw.length) {
    const end = raw.indexOf(newline, at);
    const length = (end < 0 ? raw.length : end) - at;
    if (length > logLineMaxBytes) {
      lines.push({ isWhole: false, text: raw.subarray(at, at + logLineMaxBytes) });
      at += logLineMaxBytes;
      continue;
    }
    if (end < 0) {
      if (!isEnd) break;
      lines.push({ isWhole: true, text: raw.subarray(at) });
      at = raw.length;
      break;
    }
    lines.push({ isWhole: true, text: raw.subarray(at, end) });
    at = end + 1;
  }
  return { lines, used: at };
}
