// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { EventSource, ObjectReference } from "./core-v1.ts";
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Event extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly eventTime: string;
  readonly series?: EventSeries;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly note?: string;
  readonly type?: string;
  readonly deprecatedSource: EventSource;
  readonly deprecatedFirstTimestamp?: string;
  readonly deprecatedLastTimestamp?: string;
  readonly deprecatedCount?: number;
}

export interface EventList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (Event)[];
}

export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}
