import { gunzipSync } from "node:zlib";
import { faultAt } from "../fault.ts";

/** Most bytes one packed chart may unpack to: the largest public ones have about 10 MB, most of it CRDs. */
const unpackedBytesMax = 64 * 1024 * 1024;
/** Most files in it. */
const filesMax = 5_000;
const blockSize = 512;
const regularFiles: ReadonlySet<string> = new Set(["0", "\u0000", ""]);

/** The files of a packed chart (`.tgz`) by path, without the folder all of them lie in. Links, folders and paths that lead out are left out. Throws RenderFault. */
export function unpackChart(file: string, packed: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { path, content } of entriesOf(file, packed)) {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..") || parts.length < 2) continue;
    if (files.size >= filesMax) throw faultAt({ file }, `the packed chart holds more than ${filesMax} files`);
    files.set(parts.slice(1).join("/"), content);
  }
  return files;
}

function* entriesOf(file: string, packed: Uint8Array): Generator<{ readonly path: string; readonly content: Uint8Array }> {
  const bytes = gunzip(file, packed);
  let longName: string | undefined;
  for (let at = 0; at + blockSize <= bytes.length;) {
    const header = bytes.subarray(at, at + blockSize);
    const name = textAt(header, 0, 100);
    if (name === "" && header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(textAt(header, 124, 12).trim() || "0", 8);
    const type = textAt(header, 156, 1);
    if (!Number.isFinite(size) || at + blockSize + size > bytes.length) throw faultAt({ file }, "the packed chart is damaged: its archive ends in the middle of a file");
    const content = bytes.subarray(at + blockSize, at + blockSize + size);
    const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
    if (type === "L") longName = textAt(content, 0, content.length);
    else if (type === "x") longName = paxPath(content) ?? longName;
    else {
      if (regularFiles.has(type)) yield { path: longName ?? (prefix === "" ? name : `${prefix}/${name}`), content };
      longName = undefined;
    }
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
  }
}

function gunzip(file: string, packed: Uint8Array): Uint8Array {
  try {
    return gunzipSync(packed, { maxOutputLength: unpackedBytesMax });
  } catch (error) {
    throw faultAt({ file }, `the packed chart cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function textAt(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return new TextDecoder().decode(end < 0 ? part : part.subarray(0, end));
}

/** The path of a pax header: lines of `LENGTH key=value`. */
function paxPath(content: Uint8Array): string | undefined {
  return /^\d+ path=(.*)$/m.exec(new TextDecoder().decode(content))?.[1];
}
