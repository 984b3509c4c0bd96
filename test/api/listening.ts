import type { Server } from "node:net";
import { connect } from "node:net";
import type { PodConnection } from "../../src/api/nodes.ts";

/** Connects to a port of this machine, as a node does to one of a pod's. */
export function connectHere(port: number): Promise<PodConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      resolve({
        chunks: socket, end: () => { socket.end(); }, destroy: () => { socket.destroy(); },
        write: (bytes) => new Promise((written) => { socket.write(bytes, () => { written(); }); }),
      });
    });
    socket.once("error", reject);
  });
}

/** Where a server listens, on any free port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => { server.listen(0, "127.0.0.1", () => { const at = server.address(); resolve(typeof at === "object" && at !== null ? at.port : 0); }); });
}
