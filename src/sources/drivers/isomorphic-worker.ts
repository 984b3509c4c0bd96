import { parentPort } from "node:worker_threads";
import { DamagedError } from "../git-driver.ts";
import { isomorphicOperations } from "./isomorphic-operations.ts";
import type { WorkerAnswer, WorkerQuestion } from "./isomorphic.ts";

// The worker's side of isomorphic.ts: runs one operation a question; questions may overlap.
const running = new Map<number, AbortController>();

parentPort?.on("message", (question: WorkerQuestion) => {
  if (question.kind === "abort") { running.get(question.id)?.abort(new Error("aborted")); return; }
  void answer(question);
});

async function answer(question: WorkerQuestion & { readonly kind: "call" }): Promise<void> {
  const controller = new AbortController();
  running.set(question.id, controller);
  let reply: WorkerAnswer;
  try {
    const operation = isomorphicOperations[question.operation] as (...parameters: readonly unknown[]) => Promise<unknown>;
    reply = { id: question.id, kind: "value", value: await operation(...question.parameters, controller.signal) };
  } catch (error) {
    reply = { id: question.id, kind: "error", isDamage: error instanceof DamagedError, message: error instanceof Error ? error.message : String(error) };
  } finally {
    running.delete(question.id);
  }
  parentPort?.postMessage(reply, []);
}
