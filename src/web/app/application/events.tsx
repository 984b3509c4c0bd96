import type { JSX } from "preact";
import type { Application } from "../../../model/generated/capstan-v1.ts";
import type { Event } from "../../../model/generated/core-v1.ts";
import { cluster, nowMs } from "../cluster.ts";
import type { TabProps } from "../pages/application.tsx";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Ago } from "../parts/commit.tsx";
import { Icon } from "../parts/icon.tsx";
import { buildTree, flatten } from "../tree.ts";
import { treeState } from "./snapshot.ts";

/** Events shown at once; older ones say little. */
const eventsShownMax = 200;

/** What an event is about. */
interface About {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** When an event happened last. */
function timeOf(event: Event): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
}

/** The events about some objects, or about the application itself, newest first; undefined while none are known. */
export function eventsAbout(objects: readonly About[], application: Application | undefined): readonly Event[] | undefined {
  const wanted = new Set(objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`));
  if (application !== undefined && objects.length !== 1) wanted.add(`Application/${application.metadata.namespace ?? ""}/${application.metadata.name}`);
  const all = cluster.events.value;
  if (all === undefined) return undefined;
  return [...all.values()]
    .filter(({ involvedObject }) => wanted.has(`${involvedObject.kind ?? ""}/${involvedObject.namespace ?? ""}/${involvedObject.name ?? ""}`))
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : a.metadata.name < b.metadata.name ? 1 : -1)).slice(0, eventsShownMax);
}

/** What happened to the application and everything below it. */
export function EventsTab({ application }: TabProps): JSX.Element {
  return <div class="card block"><EventList events={eventsAbout(flatten(buildTree(application, treeState(), nowMs.value)), application)} /></div>;
}

/** Events as lines. */
export function EventList({ events }: { readonly events: readonly Event[] | undefined }): JSX.Element {
  if (events === undefined) return <Skeleton />;
  if (events.length === 0) return <Blank title="Nothing has happened lately"><p>Events are kept for an hour.</p></Blank>;
  return (
    <ul class="events">
      {events.map((event) => (
        <li key={event.metadata.uid ?? event.metadata.name} class={event.type === "Warning" ? "warning" : ""}>
          <span class="event-sign"><Icon name={event.type === "Warning" ? "alert" : "check"} /><span class="sr">{event.type}</span></span>
          <div>
            <p><strong>{event.reason}</strong> <span class="muted">{event.involvedObject.kind} {event.involvedObject.name}{(event.series?.count ?? event.count ?? 1) > 1 ? ` · ${event.series?.count ?? event.count} times` : ""} · <Ago time={timeOf(event)} /></span></p>
            <p class="event-text">{event.message}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
