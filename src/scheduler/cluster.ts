import { hostPortsOf, isTerminated, requestsOf } from "../model/pods.ts";
import type { HostPort } from "../model/pods.ts";
import type { Node } from "../model/kinds/node.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { keyOf, refOf } from "../model/object.ts";
import { milliValueOf, parseQuantity, wholeValueOf } from "../value/quantity.ts";
import type { Quantity } from "../value/quantity.ts";

/** Amounts by resource: CPU in thousandths, everything else in whole units. */
export type Amounts = Readonly<Record<string, number>>;

/** What counts for a pod that asks for no CPU or memory when nodes are compared (upstream pkg/scheduler/util/pod_resources.go): 100m and 200 MiB. */
const assumedCpuMilli = 100;
const assumedMemoryBytes = 209_715_200;

/** A pod with what scheduling asks of it, read once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Amounts;
  /** CPU and memory as counted for scores: never nothing. */
  readonly scored: { readonly cpu: number; readonly memory: number };
  readonly ports: readonly HostPort[];
}

/** A node with the sum of what its pods take. */
export interface NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly allocatable: Amounts;
  readonly pods: ReadonlyMap<string, PodInfo>;
  readonly requested: Amounts;
  readonly scored: { readonly cpu: number; readonly memory: number };
}

/** The nodes as they are now, by name. */
export interface Cluster {
  readonly nodes: readonly NodeInfo[];
}

/** Reads what scheduling asks of a pod. */
export function podInfoOf(pod: Pod): PodInfo {
  const requests = Object.fromEntries(Object.entries(requestsOf(pod.spec)).map(([name, amount]) => [name, valueOf(name, amount)]));
  const { cpu = 0, memory = 0 } = requests;
  return { pod, requests, scored: { cpu: cpu === 0 ? assumedCpuMilli : cpu, memory: memory === 0 ? assumedMemoryBytes : memory }, ports: hostPortsOf(pod.spec) };
}

function valueOf(name: string, amount: Quantity): number {
  return name === "cpu" ? milliValueOf(amount) : wholeValueOf(amount);
}

/** A node with these pods on it. */
export function nodeInfoOf(node: Node, pods: ReadonlyMap<string, PodInfo>): NodeInfo {
  const allocatable = node.status.allocatable ?? node.status.capacity ?? {};
  const requested: Record<string, number> = {};
  const scored = { cpu: 0, memory: 0 };
  for (const info of pods.values()) {
    for (const [name, amount] of Object.entries(info.requests)) requested[name] = (requested[name] ?? 0) + amount;
    scored.cpu += info.scored.cpu;
    scored.memory += info.scored.memory;
  }
  return {
    node, name: node.metadata.name, pods, requested, scored,
    allocatable: Object.fromEntries(Object.entries(allocatable).map(([name, amount]) => [name, valueOf(name, parseQuantity(amount))])),
  };
}

/** The cluster kept up to date pod by pod; sums of a node are made again only when something on it changed. */
export class ClusterState implements Cluster {
  readonly #nodes = new Map<string, Node>();
  readonly #podsByNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOfPod = new Map<string, string>();
  /** Pods counted on a node before the API has confirmed it. */
  readonly #assumed = new Map<string, string>();
  readonly #infos = new Map<string, NodeInfo>();
  #sorted: readonly NodeInfo[] | undefined;

  get nodes(): readonly NodeInfo[] {
    this.#sorted ??= [...this.#nodes.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map((node) => this.#infoOf(node));
    return this.#sorted;
  }

  setNode(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
    this.#forget(node.metadata.name);
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#forget(name);
  }

  /** Takes a pod as the API has it: on its node, or nowhere when it has none or is finished. An assumption about it ends once it is bound. */
  setPod(pod: Pod): void {
    const key = keyOf(refOf(pod));
    const nodeName = pod.spec.nodeName ?? "";
    if (nodeName === "" && this.#assumed.has(key) && !isTerminated(pod)) return;
    this.#assumed.delete(key);
    this.#place(key, isTerminated(pod) ? "" : nodeName, pod);
  }

  removePod(pod: Pod): void {
    const key = keyOf(refOf(pod));
    this.#assumed.delete(key);
    this.#place(key, "", pod);
  }

  /** Counts a pod on a node from now on, until the API confirms or `forgetAssumed` takes it back. */
  assume(pod: Pod, nodeName: string): void {
    const key = keyOf(refOf(pod));
    this.#assumed.set(key, nodeName);
    this.#place(key, nodeName, pod);
  }

  forgetAssumed(pod: Pod): void {
    const key = keyOf(refOf(pod));
    if (this.#assumed.delete(key)) this.#place(key, "", pod);
  }

  #place(key: string, nodeName: string, pod: Pod): void {
    const before = this.#nodeOfPod.get(key);
    if (before !== undefined) {
      const pods = this.#podsByNode.get(before);
      pods?.delete(key);
      if (pods?.size === 0) this.#podsByNode.delete(before);
      this.#nodeOfPod.delete(key);
      this.#forget(before);
    }
    if (nodeName === "") return;
    const pods = this.#podsByNode.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(key, podInfoOf(pod));
    this.#podsByNode.set(nodeName, pods);
    this.#nodeOfPod.set(key, nodeName);
    this.#forget(nodeName);
  }

  #forget(nodeName: string): void {
    this.#infos.delete(nodeName);
    this.#sorted = undefined;
  }

  #infoOf(node: Node): NodeInfo {
    const { name } = node.metadata;
    let info = this.#infos.get(name);
    if (info === undefined) this.#infos.set(name, info = nodeInfoOf(node, this.#podsByNode.get(name) ?? new Map()));
    return info;
  }
}
