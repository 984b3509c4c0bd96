import type { Admission, AdmissionRequest } from "./admission/plugin.ts";
import type { ApiObject } from "../model/object.ts";

/** Every admission plugin, in the order they run. Adding one = a file in `admission/`, a line here. */
export const admissionPlugins: readonly Admission[] = [];

/** Sends an object through every plugin that looks at the request. */
export function admit(plugins: readonly Admission[], object: ApiObject, request: AdmissionRequest): ApiObject {
  return plugins.filter((plugin) => plugin.handles(request)).reduce((current, plugin) => plugin.admit(current, request), object);
}
