import type { Kind } from "../kind.ts";
import type { JsonObject } from "../../value/json.ts";
import { differenceOf, setOfPath, unionOf, withoutSubtrees } from "./field-set.ts";
import type { FieldSet } from "./field-set.ts";

/** What the server alone writes and names: nobody owns it. @see kubernetes apimachinery pkg/util/managedfields/internal/stripmeta.go */
export const untracked: FieldSet = [
  ["f:apiVersion"], ["f:kind"], ["f:metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"].map((name) => ["f:metadata", `f:${name}`]),
].map(setOfPath).reduce(unionOf);

/** A set without what nobody owns. */
export function withoutUntracked(fields: FieldSet): FieldSet {
  return differenceOf(fields, untracked);
}

/** The top-level fields a write of a part can change: of an object as a whole all but its status, of the status nothing else. */
export function trackedPart(subresource: string): (field: string) => boolean {
  return subresource === "status" ? isStatus : isNoStatus;
}

function isStatus(field: string): boolean {
  return field === "status";
}

function isNoStatus(field: string): boolean {
  return field !== "status";
}

/** A manifest without what an apply to this part leaves alone, whatever the manifest says of it. */
export function configurationOf(kind: Pick<Kind, "hasStatus">, manifest: JsonObject, subresource: string): JsonObject {
  const { status, ...rest } = manifest;
  if (subresource !== "status") return kind.hasStatus ? rest : manifest;
  const { apiVersion, kind: name, metadata } = manifest;
  return { apiVersion, kind: name, metadata, ...(status === undefined ? {} : { status }) };
}

/** The same for the fields an applier owns: metadata belongs to the object as a whole. */
export function ownedFields(fields: FieldSet, subresource: string): FieldSet {
  return withoutUntracked(subresource === "status" ? withoutSubtrees(fields, setOfPath(["f:metadata"])) : fields);
}
