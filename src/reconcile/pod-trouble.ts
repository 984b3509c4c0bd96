import type { ContainerStatus, Pod } from "../model/generated/core-v1.ts";

/** Lines and characters shown of what a container said last: enough for an error, too little for a log. */
const [linesShown, charactersShown] = [5, 500];

/** Reasons to wait that pass by themselves. */
const usualWaits: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/**
 * What is wrong with a pod, as a sentence's end; undefined when nothing is. What a container said last is shown where its termination message has it:
 * a file it writes, or its log with `terminationMessagePolicy: FallbackToLogsOnError`. Pure.
 */
export function podTrouble({ status }: Pod): string | undefined {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const ended = containers.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (ended !== undefined) return endOf(ended);
  if (status.message !== undefined && status.message !== "") return status.message;
  const waiting = containers.find(({ state }) => state?.waiting?.reason !== undefined && !usualWaits.has(state.waiting.reason));
  if (waiting !== undefined) return `container ${waiting.name} waits: ${waiting.state?.waiting?.message ?? waiting.state?.waiting?.reason ?? ""}`;
  const placed = status.conditions?.find(({ type }) => type === "PodScheduled");
  return placed?.status === "False" ? `it has no node: ${placed.message ?? placed.reason ?? ""}` : undefined;
}

function endOf({ name, state }: ContainerStatus): string {
  const { exitCode = 0, reason = "Error", message = "" } = state?.terminated ?? {};
  const said = message.trim().split("\n").slice(-linesShown).join("\n").slice(-charactersShown);
  return `container ${name} ended with exit code ${exitCode}${reason === "Error" ? "" : ` (${reason})`}${said === "" ? "" : `: ${said}`}`;
}
