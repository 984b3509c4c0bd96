import { deserialize, serialize } from "node:v8";
import type { FileTree } from "../value/file-tree.ts";
import type { RenderRequest, RenderResult } from "./render.ts";

/** A request on its way to a worker: its files follow as bytes, one behind the other. */
interface WireRequest {
  readonly id: number;
  readonly request: Omit<RenderRequest, "tree">;
  readonly digest: string;
  readonly paths: readonly string[];
  readonly sizes: readonly number[];
}

/** What a worker answers; `at` is the file it has begun with, `thrown` is a bug of ours, not of the chart. */
export type WireResponse =
  | { readonly kind: "ready" }
  | { readonly kind: "at"; readonly id: number; readonly file: string }
  | { readonly kind: "result"; readonly id: number; readonly result: RenderResult }
  | { readonly kind: "thrown"; readonly id: number; readonly message: string };

/** A frame begins with the length of its message and that of the bytes behind it, four bytes each. */
const headBytes = 8;
/** Largest frame that is read: a tree, or the answer of a render at its bounds, is far smaller. */
const frameBytesMax = 1024 * 1024 * 1024;

/** A request as the parts of one frame; files are neither copied nor put together. */
export function packRequest(id: number, { tree, ...request }: RenderRequest): readonly Uint8Array[] {
  const files = [...tree.files];
  const message: WireRequest = { id, request, digest: tree.digest, paths: files.map(([path]) => path), sizes: files.map(([, content]) => content.byteLength) };
  return packFrame(message, files.map(([, content]) => content).filter((content) => content.byteLength > 0));
}

/** The request a worker was sent. */
export function unpackRequest({ message, bytes }: Frame): { readonly id: number; readonly request: RenderRequest } {
  const { id, request, digest, paths, sizes } = message as WireRequest;
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  paths.forEach((path, index) => {
    const size = sizes[index] ?? 0;
    files.set(path, bytes.subarray(offset, offset + size));
    offset += size;
  });
  const tree: FileTree = { kind: "tree", digest, files };
  return { id, request: { ...request, tree } };
}

/** An answer as the parts of one frame. */
export function packResponse(response: WireResponse): readonly Uint8Array[] {
  return packFrame(response, []);
}

/** The answer a worker gave. */
export function unpackResponse({ message }: Frame): WireResponse {
  const response = message as WireResponse;
  if (response.kind !== "result" || response.result.kind !== "rendered" || response.result.kept === undefined) return response;
  // What was read is a view of the whole frame, and this is what stays of it.
  return { ...response, result: { ...response.result, kept: Uint8Array.from(response.result.kept) } };
}

/** One message with the bytes behind it. */
export interface Frame {
  readonly message: unknown;
  readonly bytes: Uint8Array;
}

function packFrame(message: unknown, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const body = serialize(message);
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt32BE(parts.reduce((sum, part) => sum + part.byteLength, 0), 4);
  return [head, body, ...parts];
}

/** Puts frames together from the pieces a stream gives; each byte is copied once. Throws an Error for a frame that is too large to be one. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;
  #needed = headBytes;

  /** The frames that are whole with this piece. */
  push(piece: Buffer): readonly Frame[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Frame[] = [];
    while (this.#length >= this.#needed) {
      const buffer = this.#pieces.length === 1 && this.#pieces[0] !== undefined ? this.#pieces[0] : Buffer.concat(this.#pieces);
      const messageBytes = buffer.readUInt32BE(0);
      const end = headBytes + messageBytes + buffer.readUInt32BE(4);
      if (end > frameBytesMax) throw new Error(`render: a frame of ${end} bytes is none`);
      this.#pieces = [buffer];
      this.#needed = end;
      if (this.#length < end) break;
      frames.push({ message: deserialize(buffer.subarray(headBytes, headBytes + messageBytes)), bytes: buffer.subarray(headBytes + messageBytes, end) });
      this.#pieces = buffer.length > end ? [buffer.subarray(end)] : [];
      this.#length -= end;
      this.#needed = headBytes;
    }
    return frames;
  }
}
