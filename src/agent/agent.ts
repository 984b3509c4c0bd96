import type { Client } from "../api/client.ts";
import type { NodeConnection } from "../api/nodes.ts";
import { EventRecorder } from "../control/event-recorder.ts";
import type { Pod, Service } from "../model/generated/core-v1.ts";
import { PodKind } from "../model/kinds/pod.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import { isTerminated } from "../model/pods.ts";
import type { World } from "../world/world.ts";
import { follow } from "./follow.ts";
import type { MachineFacts } from "./machine.ts";
import { nodeObject } from "./node-object.ts";
import type { NodeOptions } from "./node-object.ts";
import { NodeRegistration } from "./node-registration.ts";
import { nodeConnection } from "./node-connection.ts";
import type { WorkerContext } from "./pod-worker.ts";
import { PodWorker } from "./pod-worker.ts";
import { PodTokens } from "./pod-tokens.ts";
import { References } from "./references.ts";
import type { RuntimeDriver, RuntimePod, RuntimeReport } from "./runtimes/runtime.ts";
import { Turns } from "./turns.ts";

/** Pods worked on at once: starting a process is short, and one pod waits for nothing but itself. */
const passesAtOnceMax = 32;

export interface AgentOptions {
  readonly client: Client;
  readonly world: World;
  readonly nodeName: string;
  /** Where this node's services answer; also the pods' hostIP. */
  readonly nodeIP?: string;
  readonly runtime: RuntimeDriver;
  readonly machine: MachineFacts;
  readonly labels?: Readonly<Record<string, string>>;
  /** Shown as the kubelet's version. */
  readonly version?: string;
  readonly isHostPathAllowed?: boolean;
  /** Content of a pod's /etc/resolv.conf; without it pods keep the machine's. */
  readonly resolvConf?: (namespace: string) => string;
}

/** A node that runs pods. */
export interface Agent {
  readonly nodeName: string;
  /** What the runtime gives here and what not. */
  readonly report: RuntimeReport;
  /** What the API server asks of this node. */
  readonly connection: NodeConnection;
  /** Stops watching and heartbeats; containers run on and are adopted by the next agent. */
  close(): Promise<void>;
}

/** Opens the runtime, registers the node and drives its pods until closed. Resolves when the node is registered and its pods are known. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const report = await options.runtime.open();
  const node = new NodeAgent(options, report);
  await node.start();
  return node;
}

class NodeAgent implements Agent {
  readonly nodeName: string;
  readonly report: RuntimeReport;
  readonly connection: NodeConnection;
  readonly #options: AgentOptions;
  readonly #registration: NodeRegistration;
  readonly #references: References;
  readonly #tokens: PodTokens;
  readonly #workers = new Map<string, PodWorker>();
  readonly #stop = new AbortController();
  readonly #context: WorkerContext;
  readonly #unsubscribe: () => void;

  constructor(options: AgentOptions, report: RuntimeReport) {
    const { client, world, runtime } = options;
    this.#options = options;
    this.report = report;
    this.nodeName = options.nodeName;
    this.connection = nodeConnection(runtime);
    this.#registration = new NodeRegistration({ client, world, options: () => this.#nodeOptions() });
    this.#references = new References({ client, world });
    this.#tokens = new PodTokens({ client, world });
    const recorder = new EventRecorder({ client, world, component: "kubelet" });
    const turns = new Turns(passesAtOnceMax);
    const services = follow(ServiceKind, { client, world, onChange: () => undefined, signal: this.#stop.signal });
    const allocatable = nodeObject(undefined, this.#nodeOptions()).status.allocatable ?? {};
    this.#context = {
      client, driver: runtime, world, references: this.#references, tokens: this.#tokens,
      lookup: {
        configMap: (namespace, name) => this.#references.configMap(namespace, name),
        secret: (namespace, name) => this.#references.secret(namespace, name),
        token: (pod, projection) => this.#tokens.find(pod, projection),
        services: (namespace) => servicesOf(services.objects, namespace),
      },
      node: () => ({ nodeName: this.nodeName, hostIP: this.#nodeIP, allocatable }),
      isHostPathAllowed: options.isHostPathAllowed ?? false,
      resolvConf: (pod) => this.#resolvConf(pod),
      servicesSynced: services.synced,
      note: (pod, note) => { recorder.record(pod, note); },
      turn: (run) => turns.take(run),
    };
    this.#unsubscribe = runtime.onChange((uid) => { this.#workers.get(uid)?.wake(); });
  }

  get #nodeIP(): string {
    return this.#options.nodeIP ?? "127.0.0.1";
  }

  #nodeOptions(): NodeOptions {
    const { nodeName, machine, labels, version, world } = this.#options;
    return { nodeName, nodeIP: this.#nodeIP, machine, report: this.report, labels: labels ?? {}, version: version ?? "v1.33.0", nowMs: world.clock.nowMs() };
  }

  #resolvConf(pod: Pod): string | undefined {
    const { resolvConf, machine } = this.#options;
    if (pod.spec.dnsPolicy === "Default") return undefined;
    const extra = pod.spec.dnsConfig;
    if (pod.spec.dnsPolicy !== "None") return resolvConf?.(pod.metadata.namespace ?? "");
    const lines = [...(extra?.nameservers ?? machine.nameservers).map((server) => `nameserver ${server}`), ...(extra?.searches === undefined ? [] : [`search ${extra.searches.join(" ")}`])];
    return `${lines.join("\n")}\n`;
  }

  async start(): Promise<void> {
    const { client, world, runtime } = this.#options;
    await this.#registration.start();
    const pods = follow(PodKind, { client, world, fieldSelector: `spec.nodeName=${this.nodeName}`, signal: this.#stop.signal, onChange: (pod, before) => { this.#take(pod, before); } });
    await pods.synced;
    // What runs from before and is in nobody's list is ended.
    for (const held of runtime.pods()) if (!this.#workers.has(held.uid)) this.#work(orphan(held), true);
  }

  #take(pod: Pod | undefined, before: Pod | undefined): void {
    const uid = pod?.metadata.uid ?? "";
    if (before?.metadata.uid !== undefined && before.metadata.uid !== uid) this.#workers.get(before.metadata.uid)?.update(undefined);
    if (pod === undefined) return;
    const worker = this.#workers.get(uid);
    if (worker !== undefined) worker.update(pod);
    else if (!isTerminated(pod) || this.#options.runtime.pod(uid) !== undefined || pod.metadata.deletionTimestamp !== undefined) this.#work(pod, false);
  }

  #work(pod: Pod, isObjectGone: boolean): void {
    const uid = pod.metadata.uid ?? "";
    this.#workers.set(uid, new PodWorker(pod, { context: this.#context, isObjectGone, onFinished: () => { this.#workers.delete(uid); } }));
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("the node agent stops"));
    this.#unsubscribe();
    await this.#registration.close();
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    this.#references.close();
    this.#tokens.close();
    await this.#options.runtime.close();
  }
}

function servicesOf(objects: ReadonlyMap<string, Service>, namespace: string): readonly Service[] {
  return [...objects.values()].filter((service) => service.metadata.namespace === namespace);
}

/** A pod of which only the runtime knows: enough to end it. */
function orphan({ uid, namespace, name, containers }: RuntimePod): Pod {
  const names = [...new Set(containers.map((run) => run.name))];
  return { apiVersion: "v1", kind: "Pod", metadata: { uid, namespace, name }, spec: { containers: names.map((container) => ({ name: container })) }, status: {} };
}
