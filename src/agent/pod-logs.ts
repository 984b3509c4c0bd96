import type { LogOptions, NodeConnection } from "../api/nodes.ts";
import { ApiError } from "../model/api-error.ts";
import type { RuntimeContainer, RuntimeDriver } from "./runtimes/runtime.ts";

/** What the API server may ask of this node. */
export function nodeConnection(driver: RuntimeDriver): NodeConnection {
  return {
    async *logs(pod, options, signal) {
      yield* driver.logs(chooseRun(driver, pod, options).id, options, signal);
    },
  };
}

/** The run whose log is meant. Throws BadRequest in the kubelet's words when there is none. */
function chooseRun(driver: RuntimeDriver, pod: { readonly name: string; readonly uid: string }, options: LogOptions): RuntimeContainer {
  const containers = driver.pod(pod.uid)?.containers ?? [];
  const name = options.container ?? containers[0]?.name ?? "";
  const [newest, ...older] = containers.filter((run) => run.name === name).toSorted((a, b) => b.attempt - a.attempt);
  if (options.previous === true) {
    const [previous] = older;
    if (previous === undefined) throw new ApiError("BadRequest", `previous terminated container "${name}" in pod "${pod.name}" not found`);
    return previous;
  }
  if (newest === undefined) throw new ApiError("BadRequest", `container "${name}" in pod "${pod.name}" is waiting to start: ContainerCreating`);
  return newest;
}
