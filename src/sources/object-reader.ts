import type { Clock } from "../world/clock.ts";
import { DamagedError } from "./git-driver.ts";
import type { GitStore, TreeEntry } from "./git-driver.ts";
import { parseRawTree } from "./git-objects.ts";
import { GitTimeoutError } from "./git-process.ts";
import type { GitProcess } from "./git-process.ts";
import { localTimeoutMs } from "./limits.ts";
import { ObjectSession } from "./object-session.ts";
import type { GitObject, ObjectQuestion } from "./object-session.ts";

/** Processes kept for questions; each holds about 5 MB. The one unused longest makes room. */
const sessionsMax = 8;
/** A process without questions ends after this long: the verdict on a push and the sync after it share one. */
const sessionIdleMs = 10_000;
/** A folder's own object; about 400,000 names. */
export const treeObjectBytesMax = 16_777_216;
/** Commits are some lines; a long message is a page. */
const commitBytesMax = 1_048_576;

interface Held {
  readonly session: ObjectSession;
  cancelIdle: () => void;
}

/** Reads objects of bare repositories through processes that stay for the next question: a process for each would cost more than all it reads. */
export class ObjectReader {
  readonly #git: GitProcess;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Held>();

  constructor(options: { readonly git: GitProcess; readonly clock: Clock }) {
    this.#git = options.git;
    this.#clock = options.clock;
  }

  /** The object a name means, or undefined. Throws `DamagedError` for one that cannot be read. */
  async read(store: GitStore, asked: { readonly name: string; readonly bytesMax: number }, signal: AbortSignal): Promise<GitObject | undefined> {
    signal.throwIfAborted();
    if (/[\n\0]/u.test(asked.name)) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<GitObject | undefined>();
    const onAbort = () => { reject(signal.reason instanceof Error ? signal.reason : new Error("aborted")); };
    signal.addEventListener("abort", onAbort, { once: true });
    const cancel = this.#clock.after(localTimeoutMs, () => { this.#sessions.get(keyOf(store))?.session.end(new GitTimeoutError(`git cat-file took longer than ${localTimeoutMs} ms`)); });
    try {
      this.#ask(store, { ...asked, resolve, reject });
      return await promise;
    } finally {
      cancel();
      signal.removeEventListener("abort", onAbort);
      this.#restWhenIdle(store);
    }
  }

  /** A commit's object, tags peeled. */
  async readCommit(store: GitStore, name: string, signal: AbortSignal): Promise<{ readonly id: string; readonly content: Buffer } | undefined> {
    const found = await this.read(store, { name: `${name}^{commit}`, bytesMax: commitBytesMax }, signal);
    if (found === undefined) return undefined;
    if (found.content === undefined) throw new Error(`commit ${found.id} has more than ${commitBytesMax} bytes`);
    return { id: found.id, content: found.content };
  }

  /** The names in the tree a name means; `tooMany` when it is larger than any folder should be. */
  async readTree(store: GitStore, name: string, signal: AbortSignal): Promise<{ readonly id: string; readonly entries: readonly TreeEntry[] | "tooMany" } | undefined> {
    const found = await this.read(store, { name: `${name}^{tree}`, bytesMax: treeObjectBytesMax }, signal);
    if (found === undefined) return undefined;
    if (found.content === undefined) return { id: found.id, entries: "tooMany" };
    try {
      return { id: found.id, entries: parseRawTree(found.content, found.id.length / 2) };
    } catch (error) {
      throw new DamagedError(`object ${found.id} is no tree`, { cause: error });
    }
  }

  /** Ends what reads a store: it is about to go away, or to be replaced. */
  forget(store: GitStore): void {
    this.#sessions.get(keyOf(store))?.session.end(new Error("the repository was closed"));
  }

  stop(): void {
    for (const { session } of this.#sessions.values()) session.end(new Error("the daemon stops"));
  }

  #ask(store: GitStore, question: ObjectQuestion): void {
    const key = keyOf(store);
    const held = this.#sessions.get(key) ?? this.#open(store, key);
    held.cancelIdle();
    this.#sessions.delete(key);
    this.#sessions.set(key, held);
    held.session.ask(question);
  }

  #open(store: GitStore, key: string): Held {
    for (const [, { session }] of this.#sessions) {
      if (this.#sessions.size < sessionsMax) break;
      if (session.isIdle) session.end(new Error("made room"));
    }
    const { directory, quarantine } = store;
    const held: Held = { session: new ObjectSession(this.#git.start(["cat-file", "--batch"], { directory, ...(quarantine === undefined ? {} : { environment: quarantine }) })), cancelIdle: () => undefined };
    held.session.onOver = (unanswered) => {
      held.cancelIdle();
      if (this.#sessions.get(key) === held) this.#sessions.delete(key);
      for (const question of unanswered) this.#ask(store, question);
    };
    return held;
  }

  #restWhenIdle(store: GitStore): void {
    const held = this.#sessions.get(keyOf(store));
    if (held?.session.isIdle !== true) return;
    held.cancelIdle();
    held.cancelIdle = this.#clock.after(sessionIdleMs, () => { held.session.end(new Error("idle")); });
  }
}

function keyOf({ directory, quarantine }: GitStore): string {
  return `${directory} ${quarantine?.["GIT_OBJECT_DIRECTORY"] ?? ""}`;
}
