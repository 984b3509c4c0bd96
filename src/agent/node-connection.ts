import type { LogOptions, NodeConnection, NodePod } from "../api/nodes.ts";
import { ApiError } from "../model/api-error.ts";
import type { RuntimeContainer, RuntimeDriver } from "./runtimes/runtime.ts";

/** What the API server may ask of this node. */
export function nodeConnection(driver: RuntimeDriver): NodeConnection {
  return {
    async *logs(pod, options, signal) {
      yield* driver.logs(chooseRun(driver, pod, options).id, options, signal);
    },
    exec: async (pod, { container, command, isTerminal }, streams, signal) => driver.exec(runningRun(driver, pod, container).id, { command, isTerminal }, streams, signal),
    attach: async (pod, container, streams, signal) => driver.attach(runningRun(driver, pod, container).id, streams, signal),
    async connect(pod, port, signal) {
      if (driver.pod(pod.uid) === undefined) throw new ApiError("BadRequest", `pod ${pod.name} has no place on this node yet`);
      return driver.connect(pod.uid, port, signal);
    },
  };
}

/** The run that is under way. Throws BadRequest in the kubelet's words when there is none. */
function runningRun(driver: RuntimeDriver, pod: NodePod, container: string): RuntimeContainer {
  const running = driver.pod(pod.uid)?.containers.find((run) => run.name === container && run.exit === undefined);
  if (running === undefined) throw new ApiError("BadRequest", `container not found ("${container}")`);
  return running;
}

/** The run whose log is meant. Throws BadRequest in the kubelet's words when there is none. */
function chooseRun(driver: RuntimeDriver, pod: NodePod, options: LogOptions): RuntimeContainer {
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
