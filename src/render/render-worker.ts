import { parentPort } from "node:worker_threads";
import { renderTree } from "./render-tree.ts";
import { unpackRequest } from "./wire.ts";
import type { WireRequest, WireResponse } from "./wire.ts";

/** The worker's side: renders one request after the other, without clock, chance, files or network. */
parentPort?.on("message", (message: WireRequest) => {
  answer(respond(message));
});
answer({ kind: "ready" });

function respond(message: WireRequest): WireResponse {
  try {
    return { kind: "result", id: message.id, result: renderTree(unpackRequest(message)) };
  } catch (error) {
    return { kind: "thrown", id: message.id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function answer(response: WireResponse): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(response);
}
