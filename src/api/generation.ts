import type { Kind } from "../model/kind.ts";

/** Core kinds whose `metadata.generation` upstream does not count; all others count changes of anything but metadata and status. */
const uncountedKinds: ReadonlySet<string> = new Set(["ConfigMap", "Event", "Lease", "Namespace", "Node", "Secret", "Service", "ServiceAccount"]);

/** True for kinds with a `metadata.generation`. */
export function isGenerationCounted(kind: Pick<Kind, "kind">): boolean {
  return !uncountedKinds.has(kind.kind);
}
