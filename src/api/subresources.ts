import type { Kind } from "../model/kind.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { notFound } from "./errors.ts";
import { withMembers } from "./shape.ts";

/** Parts of an object that are written on their own. */
export type Subresource = "status" | "scale" | "finalize";

/** The object as it is after a write of one part: everything else stays as it was. Without a subresource, the status stays. */
export function applySubresource({ kind, old, body, subresource }: { readonly kind: Kind; readonly old: JsonObject; readonly body: JsonObject; readonly subresource?: Subresource }): JsonObject {
  if (subresource === undefined) {
    return withMembers(body, { ...(kind.hasStatus ? { status: old["status"] } : {}), ...(isNamespace(kind) ? { spec: withFinalizersOf(body, old) } : {}) });
  }
  switch (subresource) {
    case "status":
      if (!kind.hasStatus) throw notFound(kind, "");
      return withMembers(old, { status: body["status"] });
    case "finalize":
      if (!isNamespace(kind)) throw notFound(kind, "");
      return withMembers(old, { spec: withFinalizersOf(old, body) });
    case "scale": throw notFound(kind, "");
  }
}

function isNamespace(kind: Kind): boolean {
  return kind.group === "" && kind.kind === "Namespace";
}

/** The spec of `object` with the finalizers of `source`: only the finalize subresource changes a namespace's. */
function withFinalizersOf(object: JsonObject, source: JsonObject): JsonObject {
  const spec = isJsonObject(object["spec"]) ? object["spec"] : {};
  return withMembers(spec, { finalizers: isJsonObject(source["spec"]) ? source["spec"]["finalizers"] : undefined });
}
