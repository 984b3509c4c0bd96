import type { Store, StoreEvent, StoreWatchReader } from "../store/store.ts";
import type { World } from "../world/world.ts";

/** Time between two bookmarks, as upstream's defaultBookmarkFrequency. */
export const bookmarkIntervalMs = 60_000;

/** What has changed. */
export interface ChangeBatch {
  readonly events: readonly StoreEvent[];
  /** Everything up to here has been seen. */
  readonly revision: number;
  readonly isBookmark: boolean;
}

/** Which changes are read. */
export interface ChangeRange {
  readonly prefix: string;
  /** Those behind this revision. */
  readonly after: number;
  readonly bookmarks: boolean;
}

type Result = IteratorResult<readonly StoreEvent[], undefined>;

interface Waiter {
  readonly resolve: (batch: ChangeBatch | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The store's changes, and between them bookmarks when nothing has happened for a while. One promise for each batch and no generator: a thousand readers are
 * told of one change, and what each of them keeps meanwhile is what the collector has to carry.
 */
export class ChangeReader {
  readonly #changes: StoreWatchReader;
  readonly #bookmarks: Bookmarks | undefined;
  #revision: number;
  #waiter: Waiter | undefined;
  /** The next batch was asked of the store, and has not come. */
  #isAsked = false;
  /** What came while a bookmark was told. */
  #arrived: (() => ChangeBatch | undefined) | undefined;

  constructor({ store, world }: { readonly store: Pick<Store, "watch">; readonly world: World }, { prefix, after, bookmarks }: ChangeRange, signal: AbortSignal) {
    this.#changes = store.watch(prefix, after, signal)[Symbol.asyncIterator]();
    this.#bookmarks = bookmarks ? new Bookmarks(world, () => { this.#answer(); }) : undefined;
    this.#revision = after;
  }

  /** The next batch; undefined at the end. Rejects with the store's error. One at a time. */
  next(): Promise<ChangeBatch | undefined> {
    if (this.#bookmarks === undefined) return this.#changes.next().then(this.#read);
    this.#bookmarks.wait();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      if (!this.#isAsked && this.#arrived === undefined) {
        this.#isAsked = true;
        this.#changes.next().then((result) => { this.#arrive(() => this.#read(result)); }, (error: unknown) => { this.#arrive(() => { throw error; }); });
      }
      this.#answer();
    });
  }

  /** Ends it; who waits is told of the end. */
  async close(): Promise<void> {
    this.#bookmarks?.stop();
    await this.#changes.return();
  }

  readonly #read = (result: Result): ChangeBatch | undefined => {
    if (result.done === true) return undefined;
    const events = result.value;
    for (const { revision } of events) if (revision > this.#revision) this.#revision = revision;
    return { events, revision: this.#revision, isBookmark: false };
  };

  #arrive(take: () => ChangeBatch | undefined): void {
    this.#isAsked = false;
    this.#arrived = take;
    this.#answer();
  }

  /** Tells who waits of a change or, where there is none, of a bookmark that is due. */
  #answer(): void {
    const waiter = this.#waiter;
    const take = this.#arrived;
    if (waiter === undefined || (take === undefined && this.#bookmarks?.isDue !== true)) return;
    this.#waiter = undefined;
    // What came is told alone: another bookmark is due later.
    this.#bookmarks?.stop();
    if (take === undefined) {
      this.#revision = Math.max(this.#revision, this.#changes.seen);
      waiter.resolve({ events: [], revision: this.#revision, isBookmark: true });
      return;
    }
    this.#arrived = undefined;
    try {
      waiter.resolve(take());
    } catch (error) {
      waiter.reject(error);
    }
  }
}

/** Says when a bookmark is due. */
class Bookmarks {
  readonly #world: World;
  readonly #onDue: () => void;
  #cancel: (() => void) | undefined;
  isDue = false;

  constructor(world: World, onDue: () => void) {
    this.#world = world;
    this.#onDue = onDue;
  }

  /** Counts the time from here, unless it does so already. */
  wait(): void {
    if (this.#cancel !== undefined || this.isDue) return;
    this.#cancel = this.#world.clock.after(bookmarkIntervalMs, () => {
      this.#cancel = undefined;
      this.isDue = true;
      this.#onDue();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.isDue = false;
  }
}
