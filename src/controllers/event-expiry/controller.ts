import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { parseTime } from "../../model/conditions.ts";
import { EventKind } from "../../model/kinds/event.ts";
import type { Event } from "../../model/kinds/event.ts";
import { refOf } from "../../model/object.ts";
import { eventLifeMs, msUntilExpiry } from "./decide.ts";

/** Removes Events an hour after they last happened. Only metadata is kept in memory: an old event is read whole before it goes. */
export const eventExpiryController: Controller<Event> = {
  name: "event-expiry",
  kind: EventKind,
  reads: [],
  readsMetadata: [EventKind],
  writes: [{ kind: EventKind, part: "existence" }],
  async reconcile(ref, known, { live, writer, world }) {
    if (known === undefined) return { kind: "done" };
    const ageMs = world.clock.nowMs() - (parseTime(known.metadata.creationTimestamp) ?? 0);
    if (ageMs < eventLifeMs) return { kind: "wait", afterMs: eventLifeMs - ageMs, reason: "young" };
    const event = await live.get(EventKind, ref);
    if (event === undefined) return { kind: "done" };
    const leftMs = msUntilExpiry(event, world.clock.nowMs());
    if (leftMs > 0) return { kind: "wait", afterMs: leftMs, reason: "happened again" };
    try {
      await writer.remove(EventKind, refOf(event), { preconditions: { uid: event.metadata.uid ?? "", resourceVersion: event.metadata.resourceVersion ?? "" } });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
    return { kind: "done" };
  },
};
