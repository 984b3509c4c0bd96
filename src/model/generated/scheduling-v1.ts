// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface PriorityClass extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly description?: string;
  readonly preemptionPolicy?: "PreemptLowerPriority" | "Never";
}

export interface PriorityClassList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (PriorityClass)[];
}
