/**
 * Lines before keys of the store that many writers want at once, as a quota's. Whoever lost a race for one queues for it, and whoever comes later and wants
 * it queues behind: each has its turn, where a race would have the last ones lose again and again.
 */
export class Lines {
  readonly #lines = new Map<string, (() => void)[]>();

  /** A key of these that has a line; undefined for none. Costs nothing while there are no lines. */
  findBusy(keys: Iterable<string>): string | undefined {
    if (this.#lines.size === 0) return undefined;
    for (const key of keys) if (this.#lines.has(key)) return key;
    return undefined;
  }

  /** Waits for the turn; the answer ends it, once. Nobody may wait for a second line while in one. */
  async enter(key: string): Promise<() => void> {
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, []);
    else await new Promise<void>((resolve) => { line.push(resolve); });
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.#lines.get(key)?.shift();
      if (next === undefined) this.#lines.delete(key);
      else next();
    };
  }
}
