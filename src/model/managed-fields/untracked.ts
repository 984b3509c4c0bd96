import type { Kind } from "../kind.ts";
import { metadataBesideStatus, userMetadata } from "../subresource.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { differenceOf, setOfPath, unionOf } from "./field-set.ts";
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

/** The top-level fields a write of a part can change: of an object as a whole all but its status, of the status that and metadata. */
export function trackedPart(subresource: string): (field: string) => boolean {
  return subresource === "status" ? isStatus : isNoStatus;
}

function isStatus(field: string): boolean {
  return field === "status" || field === "metadata";
}

function isNoStatus(field: string): boolean {
  return field !== "status";
}

/** A manifest without what an apply to this part leaves alone, whatever the manifest says of it. */
export function configurationOf(kind: Pick<Kind, "hasStatus" | "schema" | "message" | "kind">, manifest: JsonObject, subresource: string): JsonObject {
  const { status, ...rest } = manifest;
  if (subresource !== "status") return kind.hasStatus ? rest : manifest;
  const { apiVersion, kind: name, metadata } = manifest;
  const taken = metadataBesideStatus(kind);
  const isTaken = (field: string): boolean => !userMetadata.includes(`metadata.${field}`) || taken.includes(`metadata.${field}`);
  const left = isJsonObject(metadata) ? Object.fromEntries(Object.entries(metadata).filter(([field]) => isTaken(field))) : metadata;
  return { apiVersion, kind: name, metadata: left, ...(status === undefined ? {} : { status }) };
}
