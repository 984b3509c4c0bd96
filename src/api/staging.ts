import type { Condition, Operation, Store, StoreEntry, Transaction } from "../store/store.ts";
import type { RequestFacts } from "./request-facts.ts";

/**
 * The store as one request sees it while it is prepared: reads show what the request itself is about to write, and every key it decided upon
 * becomes a condition, so that the commit is refused when somebody else was faster.
 *
 * Preparation must not await: all reads then show one revision.
 */
export class Staging {
  readonly facts: RequestFacts;
  readonly #store: Store;
  readonly #conditions = new Map<string, number>();
  readonly #writes = new Map<string, Uint8Array | undefined>();

  constructor(store: Store, facts: RequestFacts) {
    this.#store = store;
    this.facts = facts;
  }

  /** The entry as this request sees it. One it has written itself keeps the revision it had before, 0 for a new one. */
  get(key: string): StoreEntry | undefined {
    const entry = this.#store.get(key);
    if (this.#writes.size === 0 || !this.#writes.has(key)) return entry;
    const value = this.#writes.get(key);
    return value === undefined ? undefined : { key, value, revision: entry?.revision ?? 0, createdRevision: entry?.createdRevision ?? 0 };
  }

  /** Reads an entry the request depends on: the commit is refused when it has changed since. */
  depend(key: string): StoreEntry | undefined {
    const entry = this.#store.get(key);
    if (!this.#conditions.has(key)) this.#conditions.set(key, entry?.revision ?? 0);
    return this.#writes.size === 0 ? entry : this.get(key);
  }

  /** The entries whose key starts with `prefix`, as this request sees them, in key order. */
  list(prefix: string): readonly StoreEntry[] {
    const { entries } = this.#store.list(prefix);
    if (this.#writes.size === 0) return entries;
    const written = [...this.#writes.keys()].filter((key) => key.startsWith(prefix));
    if (written.length === 0) return entries;
    const keys = [...new Set([...entries.map(({ key }) => key), ...written])].toSorted((a, b) => (a < b ? -1 : 1));
    return keys.flatMap((key) => this.get(key) ?? []);
  }

  /** True for a key this request has written: its value is not what lies at its revision. */
  isWritten(key: string): boolean {
    return this.#writes.has(key);
  }

  /** True when this request has written something. */
  get isWriting(): boolean {
    return this.#writes.size > 0;
  }

  /** Every key this request has written. */
  get writtenKeys(): readonly string[] {
    return [...this.#writes.keys()];
  }

  /** Every key the commit depends on. */
  get conditionKeys(): Iterable<string> {
    return this.#conditions.keys();
  }

  put(key: string, value: Uint8Array): void {
    this.depend(key);
    this.#writes.set(key, value);
  }

  remove(key: string): void {
    this.depend(key);
    this.#writes.set(key, undefined);
  }

  /** True when committing would change something. */
  get isChanging(): boolean {
    for (const [key, value] of this.#writes) if (value !== undefined || this.#conditions.get(key) !== 0) return true;
    return false;
  }

  transaction(fence?: Transaction["fence"]): Transaction {
    const conditions: Condition[] = [];
    this.#conditions.forEach((revision, key) => { conditions.push({ key, revision }); });
    return { conditions, operations: this.#operations(), ...(fence === undefined ? {} : { fence }) };
  }

  #operations(): readonly Operation[] {
    const operations: Operation[] = [];
    this.#writes.forEach((value, key) => {
      if (value !== undefined) operations.push({ kind: "put", key, value });
      else if (this.#conditions.get(key) !== 0) operations.push({ kind: "remove", key });
    });
    return operations;
  }
}
