import type { ServerResponse } from "node:http";
import type { UserInfo } from "../api/client.ts";
import type { StoredEvent, StoredObject, Verbs } from "../api/verbs.ts";
import { isApiError } from "../model/api-error.ts";
import type { Json } from "../value/json.ts";
import type { World } from "../world/world.ts";
import type { QueueWatch } from "./queue-watch.ts";
import { printForPage } from "./stream-kinds.ts";
import type { StreamKind } from "./stream-kinds.ts";

/** Changes of so long are sent together: three frames of a screen, and a rollout of hundreds of pods becomes a few messages. */
export const batchMs = 50;

/** A stream says that it lives this often; proxies cut silent ones after a minute. */
export const heartbeatMs = 15_000;

/** A page that lets this much pile up is cut off and comes back with a fresh state. */
export const unsentMaxBytes = 16 * 1024 * 1024;

/** What one stream needs. */
export interface PageStreamOptions {
  readonly verbs: Verbs;
  readonly world: World;
  /** Undefined for users who may not see it. */
  readonly queue: QueueWatch | undefined;
  readonly user: UserInfo;
  readonly kinds: readonly StreamKind[];
  /** Names this daemon's life: positions of another one mean nothing here. */
  readonly instance: string;
  /** What the page is told first. */
  readonly hello: Readonly<Record<string, Json>>;
  /** The last position the page has seen. */
  readonly after: string | undefined;
  /** False once the user may no longer look. */
  readonly isAllowed: () => Promise<boolean>;
}

/**
 * One page's view of the cluster: every kind's state and then its changes, as server-sent events on one response. Each event's id is the
 * position of every kind, so that a page that comes back gets only what it missed.
 */
export class PageStream {
  readonly #options: PageStreamOptions;
  readonly #response: ServerResponse;
  readonly #ending = new AbortController();
  readonly #positions: (string | undefined)[];
  readonly #pending = new Map<string, string>();
  #cancelFlush: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;

  constructor(response: ServerResponse, options: PageStreamOptions) {
    this.#response = response;
    this.#options = options;
    this.#positions = readPositions(options);
  }

  /** Serves until the page goes, falls behind, or may no longer look. */
  async run(): Promise<void> {
    const { kinds, queue, hello, world } = this.#options;
    const forget = queue?.listen((state) => { this.#send("queue", state); });
    this.#response.once("close", () => { this.#ending.abort(); });
    this.#send("hello", JSON.stringify({ ...hello, nowMs: world.clock.nowMs() }));
    this.#beatLater();
    try {
      await Promise.all(kinds.map((_, index) => this.#follow(index)));
    } catch (error) {
      world.log.warn("a page's stream broke off", { error });
    } finally {
      this.#ending.abort();
      forget?.();
      this.#cancelBeat?.();
      this.#cancelFlush?.();
      this.#response.end();
    }
  }

  async #follow(index: number): Promise<void> {
    const kind = this.#options.kinds[index];
    const { signal } = this.#ending;
    if (kind === undefined) return;
    const caller = { user: this.#options.user, userAgent: "capstan-page" };
    while (!signal.aborted) {
      try {
        const after = this.#positions[index] ?? await this.#sendState(index, kind);
        for await (const events of this.#options.verbs.watch(caller, kind.kind, { resourceVersion: after, bookmarks: true }, signal)) this.#take(index, kind, events);
      } catch (error) {
        if (isApiError(error, "Forbidden")) { this.#send("denied", JSON.stringify({ kind: kind.kind.plural })); return; }
        if (!isApiError(error, "Expired")) { this.#ending.abort(); throw error; }
        this.#positions[index] = undefined;
      }
    }
  }

  /** Sends all objects of a kind; answers the revision they are of. */
  async #sendState(index: number, kind: StreamKind): Promise<string> {
    const list = await this.#options.verbs.list({ user: this.#options.user }, kind.kind, {});
    this.#flush();
    this.#positions[index] = list.resourceVersion;
    this.#send("state", `{"kind":${JSON.stringify(kind.kind.plural)},"items":[${list.items.map((stored) => printForPage(kind, stored)).join(",")}]}`);
    return list.resourceVersion;
  }

  #take(index: number, kind: StreamKind, events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (event.type === "BOOKMARK") { this.#positions[index] = event.resourceVersion; continue; }
      const { stored } = event;
      // Only the newest of several changes of one object within a batch is worth a message.
      this.#pending.set(`${index}/${stored.namespace}/${stored.name}`, printChange(kind, event.type, stored));
      this.#positions[index] = String(stored.revision);
    }
    if (this.#pending.size > 0) this.#cancelFlush ??= this.#options.world.clock.after(batchMs, () => { this.#flush(); });
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#pending.size === 0) return;
    const changes = [...this.#pending.values()].join(",");
    this.#pending.clear();
    this.#send("changes", `[${changes}]`);
  }

  #send(event: string, data: string): void {
    if (this.#response.destroyed || this.#ending.signal.aborted) return;
    this.#response.write(`event: ${event}\nid: ${this.#position()}\ndata: ${data}\n\n`);
    if (this.#response.writableLength > unsentMaxBytes) this.#response.destroy();
  }

  /** Nothing of a kind whose state has not been sent is known. */
  #position(): string {
    return `${this.#options.instance}:${this.#positions.map((position) => position ?? "").join(".")}`;
  }

  #beatLater(): void {
    this.#cancelBeat = this.#options.world.clock.after(heartbeatMs, () => { void this.#beat(); });
  }

  async #beat(): Promise<void> {
    if (!(await this.#options.isAllowed().catch(() => false))) {
      this.#send("ended", "{}");
      this.#ending.abort();
      return;
    }
    this.#send("beat", JSON.stringify({ nowMs: this.#options.world.clock.nowMs() }));
    if (!this.#ending.signal.aborted) this.#beatLater();
  }
}

/** The positions an id names, when they are of this daemon's life and of the same kinds. */
function readPositions({ after, instance, kinds }: PageStreamOptions): (string | undefined)[] {
  const [life, list = ""] = (after ?? "").split(":");
  const positions = list.split(".");
  if (life !== instance || positions.length !== kinds.length || !positions.every((position) => /^\d{0,16}$/.test(position))) return kinds.map(() => undefined);
  return positions.map((position) => (position === "" ? undefined : position));
}

function printChange(kind: StreamKind, type: "ADDED" | "MODIFIED" | "DELETED", stored: StoredObject): string {
  const name = JSON.stringify(kind.kind.plural);
  if (type === "DELETED") return `{"kind":${name},"gone":${JSON.stringify(stored.namespace === "" ? stored.name : `${stored.namespace}/${stored.name}`)}}`;
  return `{"kind":${name},"object":${printForPage(kind, stored)}}`;
}
