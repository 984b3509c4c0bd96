import type { Server, Socket } from "node:net";

/** The open connections of a server: at most so many, and all of them cut off at the end. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>();

  /** Watches a server that does not listen yet; a connection beyond `max` is cut off at once. */
  constructor(server: Pick<Server, "on">, max: number) {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => { this.#sockets.delete(socket); });
      if (this.#sockets.size > max) socket.destroy();
    });
    // A client that hangs up during the handshake, or speaks plain HTTP to TLS, is no event.
    server.on("tlsClientError", () => {});
  }

  cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
