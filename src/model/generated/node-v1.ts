// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { Toleration } from "./core-v1.ts";
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Overhead {
  readonly podFixed?: Readonly<Record<string, string>>;
}

export interface RuntimeClass extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly handler: string;
  readonly overhead?: Overhead;
  readonly scheduling?: Scheduling;
}

export interface RuntimeClassList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (RuntimeClass)[];
}

export interface Scheduling {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly (Toleration)[];
}
