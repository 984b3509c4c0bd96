import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { QueueState } from "../../jobs/jobs.ts";
import { objectsOf, retryDelayMs, withChanges } from "./cluster-state.ts";
import type { KindName, Kinds, Objects, StreamMessage } from "./cluster-state.ts";

/** One signal a kind. */
export const cluster: { readonly [K in KindName]: Signal<Objects<Kinds[K]>> } = {
  applications: signal(undefined), syncs: signal(undefined), repositories: signal(undefined), pods: signal(undefined), replicasets: signal(undefined), replicationcontrollers: signal(undefined),
  deployments: signal(undefined), jobs: signal(undefined), cronjobs: signal(undefined), services: signal(undefined), endpointslices: signal(undefined), nodes: signal(undefined), events: signal(undefined),
  namespaces: signal(undefined), serviceaccounts: signal(undefined), configmaps: signal(undefined), secrets: signal(undefined),
};

/** Whether the page is in touch with the daemon. */
export type Connection = { readonly kind: "connecting" } | { readonly kind: "live" } | { readonly kind: "lost"; readonly retryAtMs: number } | { readonly kind: "logged-out" };

/** @see Connection */
export const connection = signal<Connection>({ kind: "connecting" });
/** The queue as the stream tells it. */
export const queue = signal<QueueState | undefined>(undefined);
/** Who is logged in, and where Git clients find hosted repositories. */
export const hello = signal<{ readonly user: string; readonly gitOrigin: string } | undefined>(undefined);
/** The daemon's clock less the browser's. */
const clockOffsetMs = signal(0);
/** The daemon's time, once a second. */
export const nowMs = signal(Date.now());

setInterval(() => { nowMs.value = Date.now() + clockOffsetMs.value; }, 1000);

/** No sign of life for so long means that the line is dead: three heartbeats. */
const silenceMaxMs = 46_000;

const events = ["hello", "state", "changes", "denied", "queue", "beat", "ended"] as const;

let source: EventSource | undefined;
let position: string | undefined;
let attempt = 0;
let silence: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Opens the one stream and keeps it open. */
export function connect(): void {
  clearTimeout(retry);
  source?.close();
  if (connection.value.kind !== "lost") connection.value = { kind: "connecting" };
  source = new EventSource(position === undefined ? "/stream" : `/stream?after=${encodeURIComponent(position)}`);
  source.addEventListener("error", () => { void lose(); });
  for (const event of events) {
    source.addEventListener(event, (message: MessageEvent<string>) => {
      position = message.lastEventId;
      listen();
      take({ event, data: JSON.parse(message.data) });
    });
  }
  listen();
}

function listen(): void {
  clearTimeout(silence);
  silence = setTimeout(() => { void lose(); }, silenceMaxMs);
}

function take(message: StreamMessage): void {
  batch(() => {
    switch (message.event) {
      case "hello":
        attempt = 0;
        hello.value = message.data;
        connection.value = { kind: "live" };
        setClock(message.data.nowMs);
        return;
      case "beat": setClock(message.data.nowMs); return;
      case "queue": queue.value = message.data; return;
      case "denied": set(message.data.kind, new Map()); return;
      case "state": set(message.data.kind, objectsOf(message.data.items)); return;
      case "ended": disconnect(); return;
      case "changes": {
        const known = Object.fromEntries(Object.entries(cluster).map(([kind, objects]) => [kind, objects.peek()]));
        for (const [kind, objects] of Object.entries(withChanges(known, message.data))) set(kind as KindName, objects);
      }
    }
  });
}

function set(kind: KindName, objects: ReadonlyMap<string, unknown>): void {
  (cluster[kind] as Signal<unknown>).value = objects;
}

function setClock(daemonMs: number): void {
  clockOffsetMs.value = daemonMs - Date.now();
  nowMs.value = daemonMs;
}

async function lose(): Promise<void> {
  source?.close();
  clearTimeout(silence);
  const answer = await fetch("/session").catch(() => undefined);
  if (answer?.status === 401) { disconnect(); return; }
  attempt += 1;
  const delayMs = retryDelayMs(attempt);
  connection.value = { kind: "lost", retryAtMs: nowMs.value + delayMs };
  retry = setTimeout(connect, delayMs);
}

/** Ends the stream and forgets what it told: the session is over. */
export function disconnect(): void {
  source?.close();
  clearTimeout(silence);
  clearTimeout(retry);
  position = undefined;
  batch(() => {
    for (const kind of Object.keys(cluster)) (cluster[kind as KindName] as Signal<unknown>).value = undefined;
    connection.value = { kind: "logged-out" };
  });
}
