import type { ApiObject } from "../model/object.ts";
import { defaultTolerations } from "./admission/default-tolerations.ts";
import { namespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { nodeRestriction } from "./admission/node-restriction.ts";
import type { Admission, AdmissionRequest } from "./admission-plugin.ts";
import { priority } from "./admission/priority.ts";
import { serviceAccount } from "./admission/service-account.ts";
import { serviceAllocation } from "./admission/service-allocation.ts";

/** Every admission plugin, in the order they run. Adding one = a file in `admission/`, a line here. */
export const admissionPlugins: readonly Admission[] = [
  namespaceLifecycle,
  nodeRestriction,
  serviceAccount,
  priority,
  defaultTolerations,
  serviceAllocation,
];

/** Sends an object through every plugin that looks at the request. */
export function admit(plugins: readonly Admission[], object: ApiObject, request: AdmissionRequest): ApiObject {
  return plugins.filter((plugin) => plugin.handles(request)).reduce((current, plugin) => plugin.admit(current, request), object);
}

/** Tells every plugin that an object goes with this commit. */
export function release(plugins: readonly Admission[], object: ApiObject, request: Pick<AdmissionRequest, "staging" | "reservations">): void {
  for (const plugin of plugins) plugin.release?.(object, request);
}
