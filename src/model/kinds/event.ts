import type { Event } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { ageOf, textColumn } from "../columns.ts";

export type { Event } from "../generated/core-v1.ts";

/** Event, `v1`. */
export const EventKind: Kind<Event> = {
  group: "", version: "v1", kind: "Event", plural: "events", singular: "event", shortNames: ["ev"], categories: [],
  namespaced: true, isCreatedByUpdate: true, message: "core/v1.Event", hasStatus: false,
  columns: [
    { name: "Last Seen", type: "string", priority: 0, value: printLastSeen },
    textColumn("Type", ({ type }) => type),
    textColumn("Reason", ({ reason }) => reason),
    textColumn("Object", printObject),
    textColumn("Subobject", ({ involvedObject }) => involvedObject.fieldPath, 1),
    textColumn("Source", printSource, 1),
    textColumn("Message", ({ message }) => message?.trim()),
    { name: "First Seen", type: "string", priority: 1, value: printFirstSeen },
    { name: "Count", type: "string", priority: 1, value: ({ series, count }) => (series === undefined ? (count === undefined || count === 0 ? 1 : count) : (series.count ?? 0)) },
    { name: "Name", type: "string", format: "name", priority: 1, value: ({ metadata }) => metadata.name },
  ],
  selectableFields: {
    "involvedObject.kind": ({ involvedObject }) => involvedObject.kind ?? "",
    "involvedObject.namespace": ({ involvedObject }) => involvedObject.namespace ?? "",
    "involvedObject.name": ({ involvedObject }) => involvedObject.name ?? "",
    "involvedObject.uid": ({ involvedObject }) => involvedObject.uid ?? "",
    "involvedObject.apiVersion": ({ involvedObject }) => involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": ({ involvedObject }) => involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": ({ involvedObject }) => involvedObject.fieldPath ?? "",
    reason: ({ reason }) => reason ?? "",
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? "",
    source: componentOf,
    type: ({ type }) => type ?? "",
  },
  textFields: ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.fieldPath", "reason", "type"],
  validate: ({ metadata, involvedObject }) => {
    const namespace = involvedObject.namespace ?? "";
    return isEventPlace(metadata.namespace, namespace) ? [] : [{ type: "Invalid", path: "involvedObject.namespace", value: namespace, detail: "does not match event.namespace" }];
  },
};

/** True for a namespace where events of objects in `subject` live, which is "" for a cluster-scoped one: those live in "default" and "kube-system". */
export function isEventPlace(namespace: string | undefined, subject: string): boolean {
  return subject === "" ? ["default", "kube-system"].includes(namespace ?? "") : subject === namespace;
}

function printFirstSeen({ firstTimestamp, eventTime }: Event, nowMs: number): string {
  return ageOf(firstTimestamp ?? eventTime, nowMs);
}

function printLastSeen(event: Event, nowMs: number): string {
  if (event.series !== undefined) return ageOf(event.series.lastObservedTime, nowMs);
  return event.lastTimestamp === undefined ? printFirstSeen(event, nowMs) : ageOf(event.lastTimestamp, nowMs);
}

function printObject({ involvedObject: { kind = "", name = "" } }: Event): string {
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function componentOf({ source, reportingComponent }: Event): string {
  return source.component !== undefined && source.component !== "" ? source.component : (reportingComponent ?? "");
}

function printSource(event: Event): string {
  const host = event.source.host !== undefined && event.source.host !== "" ? event.source.host : (event.reportingInstance ?? "");
  return host === "" ? componentOf(event) : `${componentOf(event)}, ${host}`;
}
