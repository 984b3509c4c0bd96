import { signal } from "@preact/signals";
import { hello, nowMs } from "./cluster.ts";
import { annotate, DaemonError } from "./daemon.ts";
import { keyOf } from "./cluster-state.ts";
import type { Application } from "../../model/generated/capstan-v1.ts";

/** A short message in the corner. */
export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

/** Notices that are shown now. */
export const notices = signal<readonly Notice[]>([]);

const noticeMs = 6_000;

let noticeCount = 0;

/** Shows a notice for a few seconds. */
export function notify(tone: Notice["tone"], text: string): void {
  const id = noticeCount += 1;
  notices.value = [...notices.value.slice(-3), { id, tone, text }];
  setTimeout(() => { dismiss(id); }, noticeMs);
}

/** Takes a notice away. */
export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Applications a request of this page is on its way for. */
export const asked = signal<ReadonlyMap<string, "sync" | "refresh" | "rollback">>(new Map());

/** Requests are marked at most so long: what became of one is told by the stream. */
const askedMaxMs = 4_000;

/** Asks for a sync, for a look at Git, or to go back to what a sync deployed. Answers whether the daemon took it. */
export async function request(application: Application, wish: { readonly kind: "sync" } | { readonly kind: "refresh" } | { readonly kind: "rollback"; readonly sync: string }): Promise<boolean> {
  const key = keyOf(application);
  const who = hello.value?.user ?? "dashboard";
  const when = new Date(nowMs.value).toISOString();
  const annotations: Record<string, string> = wish.kind === "sync" ? { "capstan.dev/sync-requested": when, "capstan.dev/requested-by": who }
    : wish.kind === "refresh" ? { "capstan.dev/refresh": when }
      : { "capstan.dev/rollback-to": wish.sync, "capstan.dev/requested-by": who };
  mark(key, wish.kind);
  try {
    await annotate({ namespace: application.metadata.namespace ?? "", name: application.metadata.name }, annotations);
    notify("good", wish.kind === "sync" ? `${key}: sync requested` : wish.kind === "refresh" ? `${key}: asking Git` : `${key}: rollback requested`);
    setTimeout(() => { mark(key, undefined); }, askedMaxMs);
    return true;
  } catch (error) {
    mark(key, undefined);
    notify("bad", `${key}: ${error instanceof DaemonError ? error.message : String(error)}`);
    return false;
  }
}

function mark(key: string, kind: "sync" | "refresh" | "rollback" | undefined): void {
  const next = new Map(asked.value);
  if (kind === undefined) next.delete(key);
  else next.set(key, kind);
  asked.value = next;
}
