import type { Column, Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { ListMeta } from "../../model/generated/meta-v1.ts";

/** How a table is printed. */
export interface TableOptions {
  readonly kind: Kind;
  readonly metaVersion: "v1" | "v1beta1";
  readonly includeObject: "Metadata" | "Object" | "None";
  readonly nowMs: number;
  /** Frames of a watch after the first leave the column definitions out. */
  readonly hasColumns: boolean;
}

/** What kinds without columns of their own show, as upstream's default convertor. */
const defaultColumns: readonly Column[] = [
  { name: "Name", type: "string", format: "name", priority: 0, description: "Name must be unique within a namespace.", value: (object) => object.metadata.name },
  { name: "Created At", type: "date", priority: 0, description: "CreationTimestamp is the server time when this object was created.", value: (object) => object.metadata.creationTimestamp ?? null },
];

/** A meta.k8s.io Table of objects, as kubectl prints it. Pure. */
export function tableOf(objects: readonly ApiObject[], metadata: ListMeta | JsonObject, options: TableOptions): JsonObject {
  return { ...tableHeadOf(metadata, options), rows: objects.map((object) => rowOf(object, options)) };
}

/** A table without its rows. */
export function tableHeadOf(metadata: ListMeta | JsonObject, options: TableOptions): JsonObject {
  return {
    kind: "Table", apiVersion: `meta.k8s.io/${options.metaVersion}`, metadata: metadata as JsonObject,
    columnDefinitions: options.hasColumns ? columnsOf(options.kind).map(definitionOf) : null,
  };
}

function columnsOf(kind: Kind): readonly Column[] {
  return kind.columns.length > 0 ? kind.columns : defaultColumns;
}

function definitionOf(column: Column): JsonObject {
  return { name: column.name, type: column.type, format: column.format ?? "", description: column.description ?? "", priority: column.priority };
}

/** The row of one object. */
export function rowOf(object: ApiObject, options: TableOptions): JsonObject {
  const columns = columnsOf(options.kind);
  const conditions = rowConditions(object, options.kind);
  return {
    cells: columns.map((column) => column.value(object, options.nowMs)),
    ...(conditions === undefined ? {} : { conditions }),
    object: embeddedObject(object, options),
  };
}

function embeddedObject(object: ApiObject, options: TableOptions): Json {
  switch (options.includeObject) {
    case "None": return null;
    case "Object": return object as unknown as JsonObject;
    case "Metadata": return partialOf(object, options.metaVersion);
  }
}

/** Finished pods say so, as upstream's printer marks them. */
function rowConditions(object: ApiObject, kind: Kind): Json | undefined {
  if (kind.group !== "" || kind.kind !== "Pod") return undefined;
  const { status } = object as ApiObject & { readonly status?: { readonly phase?: string } };
  if (status?.phase === "Succeeded") return [{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }];
  if (status?.phase === "Failed") return [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }];
  return undefined;
}

/** The metadata of an object alone. */
export function partialOf(object: ApiObject, metaVersion: "v1" | "v1beta1"): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${metaVersion}`, metadata: object.metadata as unknown as JsonObject };
}
