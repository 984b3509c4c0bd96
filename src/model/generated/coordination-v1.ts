// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Lease extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: LeaseSpec;
}

export interface LeaseList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (Lease)[];
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}
