import type { Json, JsonObject } from "../../value/json.ts";
import type { Event as CoreEvent } from "../generated/core-v1.ts";
import type { Event } from "../generated/events-v1.ts";
import { checkPresent, invalid } from "../checks.ts";
import { kindOf } from "./_kind-of.ts";
import { EventKind, isEventPlace } from "./event.ts";

/** Names of fields that differ: `events.k8s.io/v1` and `v1`. */
const renamed: readonly (readonly [view: string, stored: string])[] = [
  ["regarding", "involvedObject"], ["note", "message"], ["reportingController", "reportingComponent"], ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"], ["deprecatedLastTimestamp", "lastTimestamp"], ["deprecatedCount", "count"],
];

const toStoredNames = new Map(renamed);
const toViewNames = new Map(renamed.map(([view, stored]) => [stored, view]));

/** Event, `events.k8s.io/v1`: the events of the core group under other names. */
export const EventsEventKind = kindOf<Event>({
  apiVersion: "events.k8s.io/v1", kind: "Event", plural: "events", namespaced: true, isCreatedByUpdate: true, shortNames: ["ev"],
  storedAs: {
    kind: EventKind,
    toStored: (view) => ({ ...rename(view, toStoredNames), apiVersion: "v1" }),
    toView: (stored) => ({ ...rename(stored, toViewNames), apiVersion: "events.k8s.io/v1" }),
  },
  columns: EventKind.columns.map((column) => ({ ...column, value: (event, nowMs) => column.value(coreOf(event), nowMs) })),
  selectableFields: {
    "regarding.kind": ({ regarding }) => regarding.kind ?? "",
    "regarding.namespace": ({ regarding }) => regarding.namespace ?? "",
    "regarding.name": ({ regarding }) => regarding.name ?? "",
    "regarding.uid": ({ regarding }) => regarding.uid ?? "",
    "regarding.apiVersion": ({ regarding }) => regarding.apiVersion ?? "",
    "regarding.resourceVersion": ({ regarding }) => regarding.resourceVersion ?? "",
    "regarding.fieldPath": ({ regarding }) => regarding.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingController: ({ reportingController }) => reportingController ?? "",
    type: ({ type }) => type ?? "",
  },
  validate: (event) => {
    const namespace = event.regarding.namespace ?? "";
    return [
      ...(isEventPlace(event.metadata.namespace, namespace) ? [] : [invalid("regarding.namespace", namespace, "does not match event.namespace")]),
      ...(["reportingController", "reportingInstance", "action", "reason"] as const).flatMap((field) => checkPresent(field, event[field])),
    ];
  },
});

function rename(object: JsonObject, names: ReadonlyMap<string, string>): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]));
}

function coreOf({ regarding, note, reportingController, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...event }: Event): CoreEvent {
  return {
    ...event, involvedObject: regarding, source: deprecatedSource,
    ...(note === undefined ? {} : { message: note }),
    ...(reportingController === undefined ? {} : { reportingComponent: reportingController }),
    ...(deprecatedFirstTimestamp === undefined ? {} : { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp === undefined ? {} : { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
  };
}
