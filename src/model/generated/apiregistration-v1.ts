// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface APIService extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: APIServiceSpec;
  readonly status: APIServiceStatus;
}

export interface APIServiceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface APIServiceList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (APIService)[];
}

export interface APIServiceSpec {
  readonly service?: ServiceReference;
  readonly group?: string;
  readonly version?: string;
  readonly insecureSkipTLSVerify?: boolean;
  readonly caBundle?: string;
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

export interface APIServiceStatus {
  readonly conditions?: readonly (APIServiceCondition)[];
}

export interface ServiceReference {
  readonly namespace?: string;
  readonly name?: string;
  readonly port?: number;
}
