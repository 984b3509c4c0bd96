import type { FileTree } from "../value/file-tree.ts";
import type { RenderRequest, RenderResult } from "./render.ts";

/** A request on its way to a worker: all files in one buffer, which is moved, not copied. */
export interface WireRequest {
  readonly id: number;
  readonly request: Omit<RenderRequest, "tree">;
  readonly digest: string;
  readonly paths: readonly string[];
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a worker answers; `thrown` is a bug of ours, not of the chart. */
export type WireResponse =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly id: number; readonly result: RenderResult }
  | { readonly kind: "thrown"; readonly id: number; readonly message: string };

/** Packs a request; files are copied once, since each may be a view into a much larger buffer. */
export function packRequest(id: number, { tree, ...request }: RenderRequest): WireRequest {
  const files = [...tree.files];
  const bytes = new Uint8Array(files.reduce((sum, [, content]) => sum + content.byteLength, 0));
  let offset = 0;
  for (const [, content] of files) {
    bytes.set(content, offset);
    offset += content.byteLength;
  }
  return { id, request, digest: tree.digest, paths: files.map(([path]) => path), sizes: files.map(([, content]) => content.byteLength), bytes };
}

/** The request a worker was sent. */
export function unpackRequest({ request, digest, paths, sizes, bytes }: WireRequest): RenderRequest {
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  paths.forEach((path, index) => {
    const size = sizes[index] ?? 0;
    files.set(path, bytes.subarray(offset, offset + size));
    offset += size;
  });
  const tree: FileTree = { kind: "tree", digest, files };
  return { ...request, tree };
}
