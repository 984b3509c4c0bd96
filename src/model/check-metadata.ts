import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from "../value/names.ts";
import type { FieldError } from "./field-error.ts";
import type { ObjectMeta, OwnerReference } from "./generated/meta-v1.ts";
import type { Kind } from "./kind.ts";

/** Keys and values of all annotations together, as upstream. */
export const annotationsBytesMax = 256 * 1024;

/** Names of roles and the like may have any letters and, upstream, any length. With group, kind and namespace they are a key of the store, of 1,024 characters at most. */
export const nameBytesMax = 512;

const standardFinalizers = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/**
 * Names, labels, annotations, owners and finalizers of an object.
 * @see kubernetes apimachinery pkg/api/validation/objectmeta.go
 */
export function checkMetadata(kind: Kind, metadata: ObjectMeta): readonly FieldError[] {
  return checkMetadataBy({ ...(kind.checkName === undefined ? {} : { checkName: kind.checkName }), namespaced: kind.namespaced, isFinalizerFree: isOfDefinitions(kind) }, metadata);
}

/** What of a kind its metadata is checked by. */
export interface MetadataRules extends Pick<Kind, "checkName" | "namespaced"> {
  /** True where finalizers may have names of one part. */
  readonly isFinalizerFree: boolean;
}

/** The same for metadata that is not that of an object of a known kind. */
export function checkMetadataBy(rules: MetadataRules, metadata: ObjectMeta): readonly FieldError[] {
  return [
    ...checkNames(rules, metadata),
    ...checkNamespace(rules, metadata.namespace ?? ""),
    ...((metadata.generation ?? 0) < 0 ? [{ type: "Invalid", path: "metadata.generation", value: metadata.generation, detail: "must be greater than or equal to 0" } as const] : []),
    ...checkLabels(metadata.labels ?? {}, "metadata.labels"),
    ...checkAnnotations(metadata.annotations ?? {}, "metadata.annotations"),
    ...checkOwners(metadata.ownerReferences ?? []),
    ...checkFinalizers(metadata.finalizers ?? [], rules.isFinalizerFree),
  ];
}

/** What may not change between two versions of an object's metadata. */
export function checkMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  return (["name", "namespace", "uid", "creationTimestamp"] as const).flatMap((field): readonly FieldError[] => {
    const value = metadata[field];
    if (old[field] === undefined || value === old[field]) return [];
    return [{ type: "Invalid", path: `metadata.${field}`, value: value ?? "", detail: "field is immutable" }];
  });
}

/** Checks labels at a path, such as a pod template's. */
export function checkLabels(labels: Readonly<Record<string, string>>, path: string): readonly FieldError[] {
  return Object.entries(labels).flatMap(([key, value]): readonly FieldError[] => [
    ...checkQualifiedName(key).map((detail) => ({ type: "Invalid", path, value: key, detail }) as const),
    ...checkLabelValue(value).map((detail) => ({ type: "Invalid", path, value, detail }) as const),
  ]);
}

/** Checks the keys and the size of annotations at a path. */
export function checkAnnotations(annotations: Readonly<Record<string, string>>, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...checkQualifiedName(key.toLowerCase()).map((detail) => ({ type: "Invalid", path, value: key, detail }) as const));
    sizeBytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (sizeBytes > annotationsBytesMax) errors.push({ type: "TooLong", path, detail: `may not be more than ${annotationsBytesMax} bytes` });
  return errors;
}

function checkNames({ checkName: check = checkDnsSubdomain }: MetadataRules, metadata: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = [];
  // A trailing dash of a prefix is followed by letters later.
  const prefix = (metadata.generateName ?? "").replace(/-$/, "a");
  if (prefix !== "") errors.push(...check(prefix).map((detail) => ({ type: "Invalid", path: "metadata.generateName", value: metadata.generateName, detail }) as const));
  const name = (metadata as Partial<ObjectMeta>).name ?? "";
  if (name === "") errors.push({ type: "Required", path: "metadata.name", detail: "name or generateName is required" });
  else errors.push(...check(name).map((detail) => ({ type: "Invalid", path: "metadata.name", value: name, detail }) as const));
  if (errors.length === 0 && Buffer.byteLength(name) > nameBytesMax) errors.push({ type: "TooLong", path: "metadata.name", detail: `may not be more than ${nameBytesMax} bytes` });
  return errors;
}

function checkNamespace({ namespaced }: MetadataRules, namespace: string): readonly FieldError[] {
  const path = "metadata.namespace";
  if (!namespaced) return namespace === "" ? [] : [{ type: "Forbidden", path, detail: "not allowed on this type" }];
  if (namespace === "") return [{ type: "Required", path, detail: "" }];
  return checkDnsLabel(namespace).map((detail) => ({ type: "Invalid", path, value: namespace, detail }));
}

function checkOwners(owners: readonly OwnerReference[]): readonly FieldError[] {
  const path = "metadata.ownerReferences";
  const errors = owners.flatMap((owner, index): readonly FieldError[] => [
    ...(owner.apiVersion === "" ? [{ type: "Invalid", path: `${path}[${index}].apiVersion`, value: "", detail: "version must not be empty" } as const] : []),
    ...(["kind", "name", "uid"] as const).flatMap((field): readonly FieldError[] => (owner[field] === "" ? [{ type: "Invalid", path: `${path}[${index}].${field}`, value: "", detail: `${field} must not be empty` }] : [])),
  ]);
  const controllers = owners.filter((owner) => owner.controller === true);
  const [first, second] = controllers;
  if (first === undefined || second === undefined) return errors;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  return [...errors, { type: "Invalid", path, value: owners, detail }];
}

/** Definitions and what they define may have finalizers with a name of one part. */
function isOfDefinitions({ group, schema }: Kind): boolean {
  return schema !== undefined || group === "apiextensions.k8s.io";
}

function checkFinalizers(finalizers: readonly string[], isFree: boolean): readonly FieldError[] {
  return finalizers.flatMap((finalizer, index): readonly FieldError[] => {
    const path = `metadata.finalizers[${index}]`;
    const errors = checkQualifiedName(finalizer).map((detail): FieldError => ({ type: "Invalid", path, value: finalizer, detail }));
    if (errors.length > 0 || isFree || finalizer.includes("/") || standardFinalizers.has(finalizer)) return errors;
    return [{ type: "Invalid", path, value: finalizer, detail: "name is neither a standard finalizer name nor is it fully qualified" }];
  });
}
