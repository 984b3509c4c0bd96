import type { Container, PodSpec } from "../model/generated/core-v1.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";

/** The wait after the second end; doubled each time (kubernetes pkg/kubelet/kubelet.go). */
export const backoffFirstMs = 10_000;
/** The wait never grows above five minutes (same place, maxContainerRestartPeriod). */
export const backoffMaxMs = 300_000;
/** A run this long counts as healthy: the next end starts from the beginning (twice the maximum). */
export const backoffResetMs = 600_000;

/**
 * When an ended run may be followed by the next: at once after the first end or a long run. An end in the future says that the
 * clock was set back; its backoff would take until the clock is there again, and is left out.
 */
export function restartAtMs(ended: RuntimeContainer, nowMs = Number.POSITIVE_INFINITY): number {
  if (ended.exit === undefined) throw new Error(`container ${ended.id} still runs`);
  if (ended.exit.atMs > nowMs) return nowMs;
  return ranLong(ended) ? ended.exit.atMs : ended.exit.atMs + ended.backoffMs;
}

/** The backoff the run after `ended` carries. */
export function nextBackoffMs(ended: RuntimeContainer | undefined): number {
  if (ended === undefined) return 0;
  if (ranLong(ended) || ended.backoffMs === 0) return backoffFirstMs;
  return Math.min(backoffMaxMs, ended.backoffMs * 2);
}

function ranLong(ended: RuntimeContainer): boolean {
  return ended.exit !== undefined && ended.exit.atMs - ended.startedAtMs >= backoffResetMs;
}

/** True for an init container that keeps running beside the others. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** True for a container that was added to look into a running pod. */
export function isEphemeral(spec: PodSpec, { name }: Container): boolean {
  return (spec.ephemeralContainers ?? []).some((container) => container.name === name);
}

/** True when a container that ended with `code` is started again. Plain init containers repeat only after a failure, ephemeral ones never. */
export function isRestarted(spec: PodSpec, container: Container, code: number, isInit: boolean): boolean {
  if (isEphemeral(spec, container)) return false;
  if (isInit && isSidecar(container)) return true;
  const policy = spec.restartPolicy ?? "Always";
  if (isInit) return code !== 0 && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && code !== 0);
}
