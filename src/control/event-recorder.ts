import type { Client } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import { EventKind } from "../model/kinds/event.ts";
import type { Event } from "../model/kinds/event.ts";
import type { ApiObject } from "../model/object.ts";
import { RecentMap } from "../value/recent-map.ts";
import { printTime } from "../world/clock.ts";
import type { World } from "../world/world.ts";
import { decideEvent, emptyCorrelation } from "./event-correlation.ts";
import type { EventCorrelation } from "./event-correlation.ts";

/** Events waiting to be written; more are dropped and only logged, so that a broken store cannot fill the memory. */
export const eventsWaitingMax = 1000;
/** Series and objects remembered for counting; the oldest is forgotten first. Upstream's cache size. */
export const correlationsMax = 4096;
/** Longest message, in characters; longer ones are cut (upstream pkg/apis/core/validation/events.go). */
const messageMax = 1024;
/** Nanoseconds in a millisecond. */
const nanosPerMs = 1_000_000n;

/** What happened, as Events have it. */
export interface EventNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/**
 * Records Events about objects in the background, one write after the other: repeated ones are counted, similar ones combined, floods cut
 * as upstream. Recording never fails and never waits; a write that fails is logged.
 */
export class EventRecorder {
  readonly #client: Client;
  readonly #world: World;
  readonly #component: string;
  readonly #correlations = new RecentMap<string, EventCorrelation>({ entriesMax: correlationsMax });
  /** The written Event of each series, by what makes two events the same. */
  readonly #written = new RecentMap<string, Event>({ entriesMax: correlationsMax });
  readonly #waiting: (() => Promise<void>)[] = [];
  #draining: Promise<void> | undefined;
  #nameCount = 0n;

  constructor(options: { readonly client: Client; readonly world: World; readonly component: string }) {
    this.#client = options.client;
    this.#world = options.world;
    this.#component = options.component;
  }

  record(object: ApiObject, note: EventNote): void {
    const nowMs = this.#world.clock.nowMs();
    const objectKey = [object.kind, object.metadata.namespace ?? "", object.metadata.name, object.metadata.uid ?? ""].join("/");
    const before = this.#correlations.get(objectKey) ?? emptyCorrelation(nowMs);
    const decision = decideEvent(before, note, nowMs);
    this.#correlations.set(objectKey, decision.correlation);
    if (decision.message === undefined) return;
    if (this.#waiting.length >= eventsWaitingMax) {
      this.#world.log.warn("an event was dropped: too many are waiting to be written", { object: objectKey, reason: note.reason });
      return;
    }
    const message = decision.message.slice(0, messageMax);
    const seriesKey = [objectKey, note.type, note.reason, message].join("\n");
    this.#waiting.push(() => this.#write(seriesKey, object, { ...note, message }, nowMs));
    this.#draining ??= this.#drain();
  }

  /** Resolves when everything recorded so far was written or given up. */
  async flush(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    for (let write = this.#waiting.shift(); write !== undefined; write = this.#waiting.shift()) {
      try {
        await write();
      } catch (error) {
        // An object's namespace may be ending while its events come in; that is no news.
        if (!isApiError(error, "Forbidden", "NotFound")) this.#world.log.warn("an event could not be written", { component: this.#component, error });
      }
    }
    this.#draining = undefined;
  }

  async #write(seriesKey: string, object: ApiObject, note: EventNote, nowMs: number): Promise<void> {
    const known = this.#written.get(seriesKey);
    if (known !== undefined) {
      const ref = { namespace: known.metadata.namespace ?? "", name: known.metadata.name };
      const body = { count: (known.count ?? 1) + 1, lastTimestamp: printTime(nowMs) };
      try {
        this.#written.set(seriesKey, await this.#client.patch(EventKind, ref, { type: "merge", body }));
        return;
      } catch (error) {
        // It expired meanwhile: a new series begins.
        if (!isApiError(error, "NotFound")) throw error;
      }
    }
    this.#written.set(seriesKey, await this.#client.create(EventKind, this.#eventOf(object, note, nowMs)));
  }

  #eventOf(object: ApiObject, { type, reason, message }: EventNote, nowMs: number): Event {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const eventNamespace = namespace === undefined || namespace === "" ? "default" : namespace;
    // Unique without coordination: the time in nanoseconds, whose last digits count what this recorder wrote.
    const stamp = BigInt(Math.trunc(nowMs)) * nanosPerMs + (this.#nameCount++ % nanosPerMs);
    const time = printTime(nowMs);
    return {
      apiVersion: "v1", kind: "Event",
      metadata: { name: `${name}.${stamp.toString(16)}`, namespace: eventNamespace },
      involvedObject: {
        kind: object.kind, apiVersion: object.apiVersion, name,
        ...(namespace === undefined || namespace === "" ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      reason, message, type, source: { component: this.#component }, firstTimestamp: time, lastTimestamp: time, count: 1,
      reportingComponent: this.#component, reportingInstance: "",
    };
  }
}
