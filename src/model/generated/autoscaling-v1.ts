// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Scale extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: ScaleSpec;
  readonly status: ScaleStatus;
}

export interface ScaleSpec {
  readonly replicas?: number;
}

export interface ScaleStatus {
  readonly replicas: number;
  readonly selector?: string;
}
