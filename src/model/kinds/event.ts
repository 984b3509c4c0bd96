import type { Event } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Event } from "../generated/core-v1.ts";

/** Event, `v1`. */
export const EventKind: Kind<Event> = {
  group: "", version: "v1", kind: "Event", plural: "events", singular: "event", shortNames: ["ev"], categories: [],
  namespaced: true, message: "core/v1.Event", hasStatus: false,
  columns: [],
  selectableFields: {},
};
