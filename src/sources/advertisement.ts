import type { RepositoryProblem } from "../world/repositories.ts";
import type { SourceLimits } from "./limits.ts";
import { nearNames } from "./near-names.ts";
import { problem } from "./problem.ts";
import { isObjectId, isZeroId } from "./git-objects.ts";

/** The refs of a repository. */
export interface RefList {
  /** Commit by full ref name; annotated tags are peeled. */
  readonly refs: ReadonlyMap<string, string>;
  /** What HEAD names, `refs/heads/main`; absent when it is detached or not told. */
  readonly head?: string;
}

/** A revision found in a list of refs. */
export type PickedRevision =
  | { readonly kind: "ref"; readonly ref: string; readonly commit: string }
  | { readonly kind: "commit"; readonly commit: string };

/** Reads what a smart HTTP server answers to `info/refs?service=git-upload-pack`. @see gitprotocol-http(5), gitprotocol-pack(5) */
export function parseAdvertisement(body: Uint8Array, limits: Pick<SourceLimits, "refsMax">): RefList | { readonly kind: "notGit" } | { readonly kind: "tooMany" } {
  const refs = new Map<string, string>();
  let head: string | undefined;
  const lines = readPackets(body);
  if (lines === undefined || lines[0]?.startsWith("# service=git-upload-pack") !== true) return { kind: "notGit" };
  for (const line of lines.slice(1)) {
    const [text = "", capabilities] = line.split("\0");
    const id = text.slice(0, text.indexOf(" "));
    const name = text.slice(id.length + 1).trimEnd();
    if (capabilities !== undefined) head = /(?:^| )symref=HEAD:(\S+)/u.exec(capabilities)?.[1];
    if (!isObjectId(id) || isZeroId(id)) continue;
    if (name.endsWith("^{}")) refs.set(name.slice(0, -3), id);
    else refs.set(name, id);
    if (refs.size > limits.refsMax) return { kind: "tooMany" };
  }
  return head === undefined ? { refs } : { refs, head };
}

/** Finds what `HEAD`, a branch, a tag, a full ref name or a commit id means. A branch wins over a tag of the same name. */
export function pickRevision(list: RefList, targetRevision: string, url: string): PickedRevision | RepositoryProblem {
  const name = targetRevision === "" ? "HEAD" : targetRevision;
  if (isObjectId(name)) return { kind: "commit", commit: name };
  const heads = [...list.refs.keys()].filter((ref) => ref.startsWith("refs/heads/"));
  if (heads.length === 0 && list.refs.size === 0) return problem("Empty", `${url}: the repository is empty; push a first commit`);
  for (const ref of refsMeant(targetRevision, list.head)) {
    const commit = list.refs.get(ref);
    if (commit !== undefined) return { kind: "ref", ref, commit };
  }
  const names = [...list.refs.keys()].filter((ref) => /^refs\/(?:heads|tags)\//u.test(ref)).map((ref) => ref.replace(/^refs\/(?:heads|tags)\//u, ""));
  const near = nearNames(name, names);
  const hint = near.length > 0 ? `; there ${near.length === 1 ? "is" : "are"} ${near.join(", ")}` : "";
  if (name === "HEAD") return problem("NoSuchRevision", `${url}: HEAD names ${list.head ?? "nothing"}, which does not exist; set targetRevision to a branch${hint}`);
  const short = /^[0-9a-f]{7,39}$/u.test(name) ? " (a commit must be given with its full id)" : "";
  return problem("NoSuchRevision", `${url}: no branch or tag "${name}"${short}${hint}`);
}

/** The full ref names a revision may mean, the first that exists counts. Commit ids mean none. */
export function refsMeant(targetRevision: string, head: string | undefined): readonly string[] {
  if (targetRevision === "" || targetRevision === "HEAD") return [head ?? "HEAD"];
  return targetRevision.startsWith("refs/") ? [targetRevision] : [`refs/heads/${targetRevision}`, `refs/tags/${targetRevision}`];
}

function readPackets(body: Uint8Array): readonly string[] | undefined {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const lines: string[] = [];
  let at = 0;
  while (at + 4 <= buffer.length) {
    const text = buffer.toString("latin1", at, at + 4);
    if (!/^[0-9a-f]{4}$/iu.test(text)) return undefined;
    const length = Number.parseInt(text, 16);
    if (length < 4) { at += 4; continue; }
    if (at + length > buffer.length) return undefined;
    lines.push(buffer.toString("utf8", at + 4, at + length));
    at += length;
  }
  return lines;
}
