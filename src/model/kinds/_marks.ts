import type { Column } from "../kind.ts";
import { nameColumn } from "../columns.ts";

/** The name of an object, and whether it is the default of its kind: one of these annotations says so. */
export function markedName(...annotations: readonly string[]): Column {
  return {
    ...nameColumn,
    value: ({ metadata }) => (annotations.some((annotation) => metadata.annotations?.[annotation] === "true") ? `${metadata.name} (default)` : metadata.name),
  };
}
