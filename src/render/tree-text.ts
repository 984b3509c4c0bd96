import type { FileTree } from "../value/file-tree.ts";
import { faultAt } from "./fault.ts";
import { fileSizeMaxBytes } from "./limits.ts";

/** A file of the tree as text. Throws RenderFault when it is too large or no UTF-8. */
export function fileText(tree: FileTree, file: string): string {
  const bytes = tree.files.get(file) ?? new Uint8Array();
  if (bytes.byteLength > fileSizeMaxBytes) throw faultAt({ file }, `the file has ${bytes.byteLength} bytes; at most ${fileSizeMaxBytes} are read`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw faultAt({ file }, "the file is not UTF-8 text");
  }
}
