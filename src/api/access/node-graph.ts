import { PodKind } from "../../model/kinds/pod.ts";
import { podReferences } from "../../model/pod-references.ts";
import type { PodReference } from "../../model/pod-references.ts";
import type { Store, StoreEntry } from "../../store/store.ts";
import { SoughtBytes } from "../../value/sought-bytes.ts";
import { decodeObject } from "../encode.ts";
import { takeAtOnce } from "../in-turns.ts";
import type { Steps } from "../in-turns.ts";
import { prefixOf } from "../keys.ts";
import { isOfKind } from "../shape.ts";

/** Where pods lie in the store. */
export const podPrefix = prefixOf(PodKind);

/** How the name of a pod's node begins in its bytes. */
const nodeMark = new SoughtBytes('"nodeName":"');

/** Of so many newest revisions it is remembered that they are no pods of nodes: whoever commits tells of each, and the watch tells again. */
const unplacedMax = 128;

const quote = 0x22;

/** Pods looked at in one step of filling: some 0.1 ms. */
const podsPerStep = 32;

/** A node that pods may be bound to, or that asked. */
interface GraphNode {
  readonly name: string;
  /** Pods whose bytes name it, by key. */
  readonly keys: Set<string>;
  /** What those that are bound to it use; undefined before it asks. */
  uses: NodeUses | undefined;
}

interface NodeUses {
  /** By key of a pod, what the pod uses. */
  readonly pods: Map<string, readonly string[]>;
  /** How many of its pods use a thing. */
  readonly counts: Map<string, number>;
}

/** A pod whose bytes name nodes. */
interface PlacedPod {
  readonly createdRevision: number;
  /** Looked at as it was then. */
  revision: number;
  /** Mostly one: another member of a pod may be called `nodeName` too. */
  readonly nodes: readonly GraphNode[];
}

/**
 * Which node has to do with what, through the pods bound to it. Filled at the latest when first asked. Where a pod may be bound to is told from its bytes;
 * parsed, once, are the pods of nodes that ask, since what a pod names does not change.
 */
export class NodeGraph {
  readonly #store: Store;
  readonly #pods = new Map<string, PlacedPod>();
  readonly #nodes = new Map<string, GraphNode>();
  /** Entries by their revision. */
  readonly #unplaced: (StoreEntry | undefined)[] = Array.from({ length: unplacedMax }, () => undefined);
  #filling: Steps<undefined> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Looks at every pod there is, once, in steps; who asks before the last of them takes the rest at once. */
  fill(): Steps<undefined> {
    this.#filling ??= this.#lookAtAll();
    return this.#filling;
  }

  /** True when a pod on the node uses this object. */
  isUsed(nodeName: string, kind: PodReference["kind"], namespace: string, name: string): boolean {
    return this.#usesOf(nodeName).counts.has(keyOf(kind, namespace, name));
  }

  /** The claims the pods on a node use, as `NAMESPACE/NAME`. */
  claimsOf(nodeName: string): readonly string[] {
    const start = "PersistentVolumeClaim/";
    return [...this.#usesOf(nodeName).counts.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }

  /** Looks at a pod anew. */
  take(key: string): void {
    if (this.#filling === undefined) return;
    const entry = this.#store.get(key);
    const place = (entry?.revision ?? 0) % unplacedMax;
    if (entry !== undefined && this.#unplaced[place] === entry) return;
    const known = this.#pods.get(key);
    if (known !== undefined && known.revision === entry?.revision) return;
    const nodes = entry === undefined ? nowhere : this.#nodesIn(entry.value);
    if (known !== undefined && known.createdRevision === entry?.createdRevision && isSame(known.nodes, nodes)) {
      known.revision = entry.revision;
      return;
    }
    if (known !== undefined) this.#forget(key, known);
    if (entry !== undefined && nodes.length === 0) this.#unplaced[place] = entry;
    if (entry === undefined || nodes.length === 0) return;
    this.#pods.set(key, { createdRevision: entry.createdRevision, revision: entry.revision, nodes });
    for (const node of nodes) {
      // It may have been forgotten with the pod that was there before.
      this.#nodes.set(node.name, node);
      node.keys.add(key);
      this.#read(key, node);
    }
  }

  *#lookAtAll(): Steps<undefined> {
    for (const [index, { key }] of this.#store.list(podPrefix).entries.entries()) {
      if (index % podsPerStep === 0) yield;
      this.take(key);
    }
    return undefined;
  }

  #usesOf(nodeName: string): NodeUses {
    takeAtOnce(this.fill());
    const node = this.#nodeOf(nodeName);
    if (node.uses !== undefined) return node.uses;
    const uses: NodeUses = node.uses = { pods: new Map(), counts: new Map() };
    for (const key of node.keys) this.#read(key, node);
    return uses;
  }

  #nodeOf(name: string): GraphNode {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, node = { name, keys: new Set(), uses: undefined });
    return node;
  }

  /** What may be a pod's node. Names of nodes have no letter that JSON prints otherwise. */
  #nodesIn(value: Uint8Array): readonly GraphNode[] {
    let at = nodeMark.indexIn(value);
    if (at < 0) return nowhere;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const nodes: GraphNode[] = [];
    for (; at >= 0; at = nodeMark.indexIn(value, at + 1)) {
      const start = at + nodeMark.length;
      nodes.push(this.#nodeOf(bytes.toString("latin1", start, bytes.indexOf(quote, start))));
    }
    return nodes;
  }

  /** Counts what a pod uses, where its node has asked. */
  #read(key: string, { name: nodeName, uses: known }: GraphNode): void {
    const entry = this.#store.get(key);
    if (known === undefined || entry === undefined || known.pods.has(key)) return;
    const pod = decodeObject(entry.value, entry.revision);
    if (!isOfKind(PodKind, pod) || pod.spec.nodeName !== nodeName) return;
    const { name, namespace = "" } = pod.metadata;
    const uses = [...new Set(podReferences(pod.spec, name).map((reference) => keyOf(reference.kind, namespace, reference.name)))];
    known.pods.set(key, uses);
    for (const use of uses) known.counts.set(use, (known.counts.get(use) ?? 0) + 1);
  }

  #forget(key: string, { nodes }: PlacedPod): void {
    this.#pods.delete(key);
    for (const { name, keys, uses } of nodes) {
      keys.delete(key);
      for (const use of uses?.pods.get(key) ?? []) {
        const left = (uses?.counts.get(use) ?? 1) - 1;
        if (left > 0) uses?.counts.set(use, left);
        else uses?.counts.delete(use);
      }
      uses?.pods.delete(key);
      if (uses === undefined && keys.size === 0) this.#nodes.delete(name);
    }
  }
}

const nowhere: readonly GraphNode[] = [];

function isSame(some: readonly GraphNode[], others: readonly GraphNode[]): boolean {
  return some.length === others.length && some.every((node, index) => node === others[index]);
}

function keyOf(kind: PodReference["kind"], namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
