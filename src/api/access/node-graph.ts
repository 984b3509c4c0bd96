import { PodKind } from "../../model/kinds/pod.ts";
import { podReferences } from "../../model/pod-references.ts";
import type { PodReference } from "../../model/pod-references.ts";
import type { Store } from "../../store/store.ts";
import { decodeObject } from "../encode.ts";
import { prefixOf } from "../keys.ts";
import { isOfKind } from "../shape.ts";

/** Where pods lie in the store. */
export const podPrefix = prefixOf(PodKind);

/** How a bound pod's bytes show that it is bound: what lacks this need not be parsed. */
const boundMark = Buffer.from('"nodeName":"');

/** A bound pod, and what its node has to do with because of it. */
interface BoundPod {
  readonly createdRevision: number;
  readonly nodeName: string;
  readonly uses: readonly string[];
}

/** Which node has to do with what, through the pods bound to it. Filled when first asked; a pod is parsed once, since what it names does not change. */
export class NodeGraph {
  readonly #store: Store;
  readonly #pods = new Map<string, BoundPod>();
  /** By node, how many of its pods use a thing. */
  readonly #nodes = new Map<string, Map<string, number>>();
  #isFilled = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** True when a pod on the node uses this object. */
  isUsed(nodeName: string, kind: PodReference["kind"], namespace: string, name: string): boolean {
    return this.#usesOf(nodeName)?.has(keyOf(kind, namespace, name)) === true;
  }

  /** The claims the pods on a node use, as `NAMESPACE/NAME`. */
  claimsOf(nodeName: string): readonly string[] {
    const start = "PersistentVolumeClaim/";
    return [...this.#usesOf(nodeName)?.keys() ?? []].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }

  #usesOf(nodeName: string): ReadonlyMap<string, number> | undefined {
    if (!this.#isFilled) {
      this.#isFilled = true;
      for (const { key } of this.#store.list(podPrefix).entries) this.take(key);
    }
    return this.#nodes.get(nodeName);
  }

  /** Reads a pod anew. */
  take(key: string): void {
    if (!this.#isFilled) return;
    const entry = this.#store.get(key);
    const known = this.#pods.get(key);
    if (known !== undefined && known.createdRevision === entry?.createdRevision) return;
    if (known !== undefined) this.#forget(key, known);
    if (entry === undefined || !Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.byteLength).includes(boundMark)) return;
    const pod = decodeObject(entry.value, entry.revision);
    if (!isOfKind(PodKind, pod)) return;
    const { nodeName = "" } = pod.spec;
    if (nodeName === "") return;
    const { name, namespace = "" } = pod.metadata;
    const uses = [...new Set(podReferences(pod.spec, name).map((reference) => keyOf(reference.kind, namespace, reference.name)))];
    this.#pods.set(key, { createdRevision: entry.createdRevision, nodeName, uses });
    const counts = this.#nodes.get(nodeName) ?? new Map<string, number>();
    this.#nodes.set(nodeName, counts);
    for (const use of uses) counts.set(use, (counts.get(use) ?? 0) + 1);
  }

  #forget(key: string, { nodeName, uses }: BoundPod): void {
    this.#pods.delete(key);
    const counts = this.#nodes.get(nodeName);
    for (const use of uses) {
      const left = (counts?.get(use) ?? 1) - 1;
      if (left > 0) counts?.set(use, left);
      else counts?.delete(use);
    }
    if (counts?.size === 0) this.#nodes.delete(nodeName);
  }
}

function keyOf(kind: PodReference["kind"], namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
