import type { World } from "../../world/world.ts";
import { Balancer } from "./balancer.ts";
import type { ServiceListener, Target } from "./service-table.ts";
import type { Server, Socket } from "./sockets.ts";
import { connect, createServer } from "./sockets.ts";

/** Connections through one service address at once; more are refused, so that one service cannot take all descriptors. */
export const connectionsMax = 4_096;
/** An endpoint that does not answer is given up after this and the next one is tried. */
const connectTimeoutMs = 3_000;

/** Listens on one service address and passes each connection to a ready endpoint. */
export class TcpForwarder {
  readonly #world: World;
  readonly #balancer: Balancer;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Calls `onFailure` when the address cannot be listened on. */
  constructor(listener: ServiceListener, { world, onFailure }: { readonly world: World; readonly onFailure: (error: Error) => void }) {
    this.#world = world;
    this.#balancer = new Balancer(listener, world.chance);
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => { this.#accept(socket); });
    this.#server.maxConnections = connectionsMax;
    this.#server.on("error", onFailure);
    this.#server.listen({ host: listener.ip, port: listener.port });
    this.#server.unref();
  }

  /** New connections go by the new endpoints; those that are open stay with theirs and drain. */
  update(listener: ServiceListener): void {
    this.#balancer.update(listener);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#track(socket);
    const client = socket.remoteAddress ?? "";
    void this.#connect(socket, client, this.#balancer.order(client, this.#world.clock.nowMs()));
  }

  async #connect(socket: Socket, client: string, targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      if (socket.destroyed) return;
      const upstream = await this.#dial(target);
      if (upstream === undefined) continue;
      this.#balancer.took(client, target, this.#world.clock.nowMs());
      join(socket, upstream);
      return;
    }
    // As a refused connection looks to the client.
    socket.resetAndDestroy();
  }

  #dial({ ip, port }: Target): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const upstream = connect({ host: ip, port, allowHalfOpen: true, noDelay: true });
      this.#track(upstream);
      const cancel = this.#world.clock.after(connectTimeoutMs, () => { upstream.destroy(); resolve(undefined); });
      upstream.once("connect", () => { cancel(); resolve(upstream); });
      upstream.once("error", () => { cancel(); resolve(undefined); });
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => { this.#sockets.delete(socket); });
    // Without a listener an error would end the daemon; "close" follows and is handled.
    socket.on("error", () => undefined);
  }
}

/** Joins both directions; the end of one side is passed on, an error ends both. */
function join(a: Socket, b: Socket): void {
  a.pipe(b);
  b.pipe(a);
  const endBoth = (hadError: boolean, other: Socket) => {
    if (hadError || !other.writableEnded) other.destroy();
  };
  a.once("close", (hadError) => { endBoth(hadError, b); });
  b.once("close", (hadError) => { endBoth(hadError, a); });
}
