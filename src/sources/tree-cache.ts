import type { FileTree } from "../value/file-tree.ts";

/** Folders read lately, by tree id: the verdict of a push and the sync after it read the same ones. Content-addressed, so never stale. */
export class TreeCache {
  readonly #trees = new Map<string, { readonly tree: FileTree; readonly sizeBytes: number }>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(id: string): FileTree | undefined {
    const found = this.#trees.get(id);
    if (found === undefined) return undefined;
    this.#trees.delete(id);
    this.#trees.set(id, found);
    return found.tree;
  }

  put(id: string, tree: FileTree): void {
    if (this.#trees.has(id)) return;
    let sizeBytes = 0;
    for (const [path, content] of tree.files) sizeBytes += path.length + content.length;
    if (sizeBytes > this.#bytesMax) return;
    this.#trees.set(id, { tree, sizeBytes });
    this.#bytes += sizeBytes;
    for (const [oldest, { sizeBytes: freed }] of this.#trees) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#trees.delete(oldest);
      this.#bytes -= freed;
    }
  }
}
