import type { Client } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import { LeaseKind } from "../model/kinds/lease.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { NodeKind } from "../model/kinds/node.ts";
import { isEqual } from "../value/equal.ts";
import { printMicroTime } from "../world/clock.ts";
import type { World } from "../world/world.ts";
import type { NodeOptions } from "./node-object.ts";
import { nodeObject } from "./node-object.ts";

/** Where heartbeats are (kubernetes). */
export const leaseNamespace = "kube-node-lease";
/** A node counts as lost this long after its last heartbeat. */
export const leaseDurationSeconds = 40;
/** A quarter of it, as upstream. */
export const heartbeatMs = 10_000;
/** The Node's status is compared with the truth this often (kubelet nodeStatusReportFrequency is 5 min). */
const statusMs = 300_000;
/** A heartbeat that failed is tried again after this: several chances before the lease ends. */
const heartbeatRetryMs = 1_000;

/** Keeps one Node and its Lease. */
export class NodeRegistration {
  readonly #client: Client;
  readonly #world: World;
  readonly #options: () => NodeOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor({ client, world, options }: { readonly client: Client; readonly world: World; readonly options: () => NodeOptions }) {
    this.#client = client;
    this.#world = world;
    this.#options = options;
  }

  /** Writes the Node and the first heartbeat, then keeps both up in the background. */
  async start(): Promise<void> {
    await this.#writeNode();
    await this.#beat();
    this.#running = this.#keep();
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("the node agent stops"));
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#world;
    let waitMs = heartbeatMs;
    let statusAtMs = clock.monotonicMs() + statusMs;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(waitMs, this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      try {
        await this.#beat();
        waitMs = heartbeatMs;
        if (clock.monotonicMs() < statusAtMs) continue;
        await this.#writeNode();
        statusAtMs = clock.monotonicMs() + statusMs;
      } catch (error) {
        waitMs = heartbeatRetryMs;
        // The silence may have been noticed, and the node be called unknown: it says how it is as soon as it is heard again.
        statusAtMs = 0;
        log.warn("the node's heartbeat could not be written", { error, node: this.#options().nodeName });
      }
    }
  }

  async #writeNode(): Promise<void> {
    const { nodeName } = this.#options();
    for (let tries = 0; ; tries++) {
      try {
        const old = await this.#client.get(NodeKind, { namespace: "", name: nodeName });
        const wanted = nodeObject(old, this.#options());
        const kept = old === undefined ? await this.#client.create(NodeKind, wanted) : isEqual(old.metadata, wanted.metadata) ? old : await this.#client.update(NodeKind, { ...wanted, status: old.status });
        await this.#client.updateStatus(NodeKind, { ...kept, status: wanted.status });
        return;
      } catch (error) {
        // Somebody else wrote in between; the limit only guards against a server that always says so.
        if (!isApiError(error, "Conflict", "AlreadyExists") || tries >= 5) throw error;
      }
    }
  }

  async #beat(): Promise<void> {
    const { nodeName, nowMs } = this.#options();
    const ref = { namespace: leaseNamespace, name: nodeName };
    const lease = await this.#client.get(LeaseKind, ref);
    const spec = { holderIdentity: nodeName, leaseDurationSeconds, renewTime: printMicroTime(nowMs) };
    if (lease !== undefined) {
      await this.#client.update(LeaseKind, { ...lease, spec: { ...lease.spec, ...spec } });
      return;
    }
    const made = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace: leaseNamespace, name: nodeName }, spec };
    try {
      await this.#client.create(LeaseKind, made);
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
      await this.#client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: leaseNamespace }, spec: {}, status: {} });
      await this.#client.create(LeaseKind, made);
    }
  }
}
