export interface NotedRecord {
  readonly id: number;
  readonly key: string;
  readonly revision: number;
  readonly isRemoval: boolean;
  /** Given when it is read from disk, where the key's first record may be gone. */
  readonly createdRevision?: number;
}

interface LiveRecord {
  readonly id: number;
  readonly createdRevision: number;
}

/** Knows which record on disk holds each live key, and which ones no revision shows once the history before it is forgotten. */
export class RecordIndex {
  readonly #live = new Map<string, LiveRecord>();
  /** Ids of records in the order in which they were superseded; `#since[i]` is the revision that did it. */
  #ids: number[] = [];
  #since: number[] = [];
  #compactedRevision = 0;

  /** Takes in a record, in the order of ids; answers the revision at which its key was created. */
  note(record: NotedRecord): number {
    const { id, key, revision, isRemoval } = record;
    const before = this.#live.get(key);
    const createdRevision = record.createdRevision ?? before?.createdRevision ?? revision;
    if (before !== undefined) this.#superseded(before.id, revision);
    if (isRemoval) {
      this.#live.delete(key);
      this.#superseded(id, revision);
    } else {
      this.#live.set(key, { id, createdRevision });
    }
    return createdRevision;
  }

  /** The state at `revision` is the oldest one that can still be asked for. */
  compact(revision: number): void {
    this.#compactedRevision = revision;
  }

  /** True while there are dead records. */
  get hasDead(): boolean {
    const since = this.#since[0];
    return since !== undefined && since <= this.#compactedRevision;
  }

  /** Takes out the next dead records, `count` at most. */
  takeDead(count: number): readonly number[] {
    let end = 0;
    for (let since = this.#since[0]; end < count && since !== undefined && since <= this.#compactedRevision; since = this.#since[end]) end++;
    if (end === 0) return [];
    this.#since = this.#since.slice(end);
    const taken = this.#ids.slice(0, end);
    this.#ids = this.#ids.slice(end);
    return taken;
  }

  #superseded(id: number, since: number): void {
    this.#ids.push(id);
    this.#since.push(since);
  }
}
