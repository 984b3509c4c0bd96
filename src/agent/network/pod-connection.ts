import type { PodConnection } from "../../api/nodes.ts";
import { ApiError } from "../../model/api-error.ts";
import { hasErrorCode } from "../../world/error-code.ts";
import { connect } from "./sockets.ts";
import type { Socket } from "./sockets.ts";

/** Connects to a port of a pod. Throws ApiError ServiceUnavailable when nobody listens; the signal cuts the connection. */
export async function connectTo({ host, port }: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<PodConnection> {
  const socket = await open({ host, port }, signal);
  const onAbort = () => { socket.destroy(); };
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("close", () => { signal.removeEventListener("abort", onAbort); });
  // A broken connection is told to whoever reads it.
  socket.on("error", () => undefined);
  return {
    chunks: socket,
    async write(bytes) {
      if (socket.destroyed || socket.write(bytes)) return;
      await new Promise<void>((resolve) => {
        const go = () => { socket.off("drain", go); socket.off("close", go); resolve(); };
        socket.once("drain", go);
        socket.once("close", go);
      });
    },
    end() { socket.end(); },
    destroy() { socket.destroy(); },
  };
}

function open({ host, port }: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const refuse = (reason: string) => { socket.destroy(); reject(new ApiError("ServiceUnavailable", `dial tcp4 ${host}:${String(port)}: ${reason}`)); };
    const onAbort = () => { refuse("the request was given up"); };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", (error) => { refuse(hasErrorCode(error, "ECONNREFUSED") ? "connect: connection refused" : error.message); });
    socket.once("connect", () => { signal.removeEventListener("abort", onAbort); resolve(socket); });
    if (signal.aborted) onAbort();
  });
}
