import { readField, withField, withoutField } from "../value/field-path.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import type { FieldError } from "./field-error.ts";
import type { Kind } from "./kind.ts";

/** Parts of objects that are written on their own. */
export type PartName = "status" | "scale" | "finalize" | "approval" | "ephemeralcontainers" | "resize";

/** What a subresource speaks where it is not the kind itself. */
export interface SpokenKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A path below an object, as data. */
export type Subresource =
  /** Reads and writes a part of the object, which it speaks whole. */
  | {
    readonly type: "part"; readonly name: PartName; readonly verbs: readonly string[]; readonly speaks?: SpokenKind;
    /** Dotted paths of what it writes; everything else stays as it was. */
    readonly fields: readonly string[];
    /** Dotted paths of metadata it may write as well, by who has seen them: in a patch, or at a revision that is named. */
    readonly metadata?: readonly string[];
    /** True when other writes leave those fields as they are. */
    readonly isOnlyWay?: boolean;
    /** The fields as they become, where taking them over is not all there is to it. Pure. */
    merge?(old: JsonObject, sent: JsonObject): JsonObject;
    /** What is wrong with the change. Pure. */
    check?(object: JsonObject, old: JsonObject): readonly FieldError[];
  }
  /** Does something when created: binding, eviction. */
  | { readonly type: "action"; readonly name: string; readonly verbs: readonly string[]; readonly speaks: SpokenKind }
  /** A connection to what the object stands for: logs, exec, proxies. */
  | { readonly type: "connection"; readonly name: string; readonly verbs: readonly string[]; readonly speaks?: SpokenKind };

/** A subresource that is a part of its object. */
export type Part = Extract<Subresource, { readonly type: "part" }>;

const readAndWrite: readonly string[] = ["get", "patch", "update"];

/** The subresources of a kind, by name: its own, and those its status and scale make. */
export function subresourcesOf(kind: Kind): readonly Subresource[] {
  const own = kind.subresources ?? [];
  const derived: readonly Subresource[] = [
    ...(kind.scale === undefined ? [] : [{ type: "part", name: "scale", verbs: readAndWrite, speaks: { group: "autoscaling", version: "v1", kind: "Scale" }, fields: [] } as const]),
    ...(kind.hasStatus ? [{ type: "part", name: "status", verbs: readAndWrite, fields: ["status"], metadata: metadataBesideStatus(kind), isOnlyWay: true } as const] : []),
  ];
  return [...own, ...derived.filter(({ name }) => own.every((other) => other.name !== name))].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What of metadata clients write. */
export const userMetadata: readonly string[] = ["metadata.labels", "metadata.annotations", "metadata.finalizers", "metadata.ownerReferences"];

/** Kinds whose status is written without any of it. */
const strictKinds: ReadonlySet<string> = new Set([
  "APIService", "CustomResourceDefinition", "DeviceTaintRule", "FlowSchema", "PodCertificateRequest", "PriorityLevelConfiguration", "ResourceClaim", "ServiceCIDR",
  "ValidatingAdmissionPolicy", "VolumeAttachment",
]);

/** What some kinds keep of it. */
const keptMetadata: Readonly<Record<string, string>> = { Deployment: "metadata.labels", Pod: "metadata.ownerReferences" };

/** What a write of the status may change of metadata: upstream's strategies put back a kind's spec, and of most kinds nothing else. */
export function metadataBesideStatus(kind: Pick<Kind, "schema" | "message" | "kind">): readonly string[] {
  if (kind.schema !== undefined || kind.message.startsWith("capstan/") || strictKinds.has(kind.kind)) return [];
  return userMetadata.filter((path) => path !== keptMetadata[kind.kind]);
}

/** The subresource of that name, if the kind has it. */
export function findSubresource(kind: Kind, name: string): Subresource | undefined {
  return subresourcesOf(kind).find((subresource) => subresource.name === name);
}

/** The object with one of its parts written: everything else is as it was. `hasSeen` tells whether the sender knows the metadata it sends. Pure. */
export function writePart(part: Part, old: JsonObject, { sent, hasSeen }: { readonly sent: JsonObject; readonly hasSeen: boolean }): JsonObject {
  const written = part.merge?.(old, sent) ?? withFieldsOf(old, sent, part.fields);
  return hasSeen ? withFieldsOf(written, sent, part.metadata ?? []) : written;
}

/** The object with what only its parts may write as it was. Pure. */
export function keepParts(kind: Kind, object: JsonObject, old: JsonObject): JsonObject {
  const kept = subresourcesOf(kind).flatMap((subresource) => (subresource.type === "part" && subresource.isOnlyWay === true ? subresource.fields : []));
  return withFieldsOf(object, old, kept);
}

/** The object with these fields as they are in `source`, absent ones too. */
export function withFieldsOf(object: JsonObject, source: JsonObject, fields: readonly string[]): JsonObject {
  return fields.reduce<JsonObject>((result, field) => {
    const value = readField(source, field);
    const written = value === undefined ? withoutField(result, field) : withField(result, field, value);
    return isJsonObject(written) ? written : result;
  }, object);
}
