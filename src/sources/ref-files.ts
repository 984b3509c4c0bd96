import { join } from "node:path";
import { isObjectId } from "./git-objects.ts";
import { listFilesBelow, readText } from "./mirror-files.ts";

/** Refs that name refs; git itself follows 5. @see git's refs.h SYMREF_MAXDEPTH */
const symbolicDepthMax = 5;
/** Loose refs read at once. */
const readsAtOnce = 32;

/** A ref as it lies on disk; `peeled` is what an annotated tag leads to, where git wrote it down. */
export interface StoredRef {
  readonly id: string;
  readonly peeled?: string;
}

/** The object a full ref name leads to, without a process; undefined when there is no such ref. @see gitrepository-layout(5) */
export async function readRef(directory: string, ref: string): Promise<string | undefined> {
  let name = ref;
  for (let depth = 0; depth < symbolicDepthMax; depth++) {
    if (!isRefName(name)) return undefined;
    const text = await readText(join(directory, name));
    if (text === undefined) return (await readPackedRefs(directory)).get(name)?.id;
    const next = /^ref: (refs\/\S+)/u.exec(text)?.[1];
    const id = text.trim();
    if (next === undefined) return isObjectId(id) ? id : undefined;
    name = next;
  }
  return undefined;
}

/** True for what may be looked up as a file: such a name never leaves the repository. @see git-check-ref-format(1) */
export function isRefName(name: string): boolean {
  if (name === "HEAD") return true;
  return name.startsWith("refs/") && !/[\p{Cc} ~^:?*[\\]/u.test(name) && name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.includes("..") && !part.endsWith(".lock"));
}

/** All refs below `refs/`; a loose one wins over a packed one of the same name. */
export async function readRefs(directory: string): Promise<ReadonlyMap<string, StoredRef>> {
  const refs = new Map(await readPackedRefs(directory));
  const loose = (await listFilesBelow(join(directory, "refs"))).map((path) => `refs/${path}`).filter(isRefName);
  for (let first = 0; first < loose.length; first += readsAtOnce) {
    const part = loose.slice(first, first + readsAtOnce);
    const ids = await Promise.all(part.map((ref) => readRef(directory, ref)));
    part.forEach((ref, index) => {
      const id = ids[index];
      if (id !== undefined && refs.get(ref)?.id !== id) refs.set(ref, { id });
    });
  }
  return refs;
}

/** Reads the text of a `packed-refs` file. */
export function parsePackedRefs(text: string): ReadonlyMap<string, StoredRef> {
  const refs = new Map<string, StoredRef>();
  let last = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("^")) {
      const tag = refs.get(last);
      if (tag !== undefined && isObjectId(line.slice(1))) refs.set(last, { ...tag, peeled: line.slice(1) });
      continue;
    }
    const space = line.indexOf(" ");
    const id = line.slice(0, Math.max(0, space));
    if (!isObjectId(id)) continue;
    last = line.slice(space + 1);
    refs.set(last, { id });
  }
  return refs;
}

async function readPackedRefs(directory: string): Promise<ReadonlyMap<string, StoredRef>> {
  return parsePackedRefs(await readText(join(directory, "packed-refs")) ?? "");
}
