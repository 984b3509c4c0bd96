import type { World } from "../../world/world.ts";
import { Balancer } from "./balancer.ts";
import type { ServiceListener } from "./service-table.ts";
import type { DatagramSocket, RemoteInfo } from "./sockets.ts";
import { createSocket } from "./sockets.ts";

/** Clients of one service address at once; datagrams of more are dropped. */
const clientsMax = 1_024;
/** A client that is silent this long is forgotten (as conntrack's UDP stream timeout). */
const idleMs = 60_000;

/** Datagrams kept for the moment a flow takes to open. */
const waitingMax = 16;

interface Flow {
  readonly upstream: DatagramSocket;
  /** Datagrams that came before the socket was connected. */
  waiting: Buffer[] | undefined;
  cancel: () => void;
}

/** Listens on one UDP service address; a client stays with its endpoint while it talks. */
export class UdpForwarder {
  readonly #world: World;
  readonly #balancer: Balancer;
  readonly #socket: DatagramSocket;
  readonly #flows = new Map<string, Flow>();

  constructor(listener: ServiceListener, { world, onFailure }: { readonly world: World; readonly onFailure: (error: Error) => void }) {
    this.#world = world;
    this.#balancer = new Balancer(listener, world.chance);
    this.#socket = createSocket("udp4");
    this.#socket.on("error", onFailure);
    this.#socket.on("message", (bytes, from) => { this.#take(bytes, from); });
    this.#socket.bind({ address: listener.ip, port: listener.port });
    this.#socket.unref();
  }

  update(listener: ServiceListener): void {
    this.#balancer.update(listener);
  }

  close(): void {
    for (const key of this.#flows.keys()) this.#forget(key);
    this.#socket.close();
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const key = `${from.address}:${String(from.port)}`;
    const flow = this.#flows.get(key) ?? this.#open(key, from);
    if (flow === undefined) return;
    flow.cancel();
    flow.cancel = this.#world.clock.after(idleMs, () => { this.#forget(key); });
    if (flow.waiting === undefined) flow.upstream.send(bytes);
    else if (flow.waiting.length < waitingMax) flow.waiting.push(bytes);
  }

  #open(key: string, from: RemoteInfo): Flow | undefined {
    const [target] = this.#balancer.order(from.address, this.#world.clock.nowMs());
    if (target === undefined || this.#flows.size >= clientsMax) return undefined;
    const upstream = createSocket("udp4");
    upstream.unref();
    upstream.on("message", (bytes) => { this.#socket.send(bytes, from.port, from.address); });
    upstream.on("error", () => { this.#forget(key); });
    const flow: Flow = { upstream, waiting: [], cancel: () => undefined };
    upstream.connect(target.port, target.ip, () => {
      for (const bytes of flow.waiting ?? []) upstream.send(bytes);
      flow.waiting = undefined;
    });
    this.#balancer.took(from.address, target, this.#world.clock.nowMs());
    this.#flows.set(key, flow);
    return flow;
  }

  #forget(key: string): void {
    const flow = this.#flows.get(key);
    this.#flows.delete(key);
    flow?.cancel();
    flow?.upstream.close();
  }
}
