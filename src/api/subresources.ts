import type { Kind } from "../model/kind.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { applyMergePatch } from "../value/merge-patch.ts";
import { notServed } from "./errors.ts";
import { patchOfScale, scaleOf } from "./scale.ts";
import { metadataOf, textOf, withMembers } from "./shape.ts";

/** Parts of an object that are written on their own. */
export type Subresource = "status" | "scale" | "finalize";

/** The object as it is after a write of one part: everything else stays as it was. Without a subresource, the status stays. */
export function applySubresource({ kind, old, body, subresource }: { readonly kind: Kind; readonly old: JsonObject; readonly body: JsonObject; readonly subresource?: Subresource }): JsonObject {
  if (subresource === undefined) {
    return withMembers(body, { ...(kind.hasStatus ? { status: old["status"] } : {}), ...(isNamespace(kind) ? { spec: withFinalizersOf(body, old) } : {}) });
  }
  switch (subresource) {
    case "status":
      if (!kind.hasStatus) throw notServed();
      return withMembers(old, { status: body["status"] });
    case "finalize":
      if (!isNamespace(kind)) throw notServed();
      return withMembers(old, { spec: withFinalizersOf(old, body) });
    case "scale": {
      if (kind.scale === undefined) throw notServed();
      const name = textOf(metadataOf(old), "name");
      const { metadata: _condition, ...patch } = patchOfScale(kind, name, body);
      return asObject(applyMergePatch(old, patch));
    }
  }
}

/** What a patch of a part is applied to: the Scale for `scale`, else the object. */
export function viewOf(kind: Kind, object: JsonObject, subresource: Subresource | undefined): JsonObject {
  if (subresource !== "scale") return object;
  if (kind.scale === undefined) throw notServed();
  return scaleOf(kind.scale, object);
}

function asObject(json: Json): JsonObject {
  return isJsonObject(json) ? json : {};
}

function isNamespace(kind: Kind): boolean {
  return kind.group === "" && kind.kind === "Namespace";
}

/** The spec of `object` with the finalizers of `source`: only the finalize subresource changes a namespace's. */
function withFinalizersOf(object: JsonObject, source: JsonObject): JsonObject {
  const spec = isJsonObject(object["spec"]) ? object["spec"] : {};
  return withMembers(spec, { finalizers: isJsonObject(source["spec"]) ? source["spec"]["finalizers"] : undefined });
}
