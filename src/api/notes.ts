/** What a request is told beside its answer, and what the audit log is told of it. Repeated notes count once: a write may be prepared several times. */
export interface Notes {
  /** A `Warning` header, on refusals too. */
  warn(text: string): void;
  /** An annotation of the request's audit event, `pod-security.kubernetes.io/enforce-policy`. */
  annotate(key: string, value: string): void;
}

/** Notes nobody reads. */
export const silentNotes: Notes = { warn: () => {}, annotate: () => {} };

/** Notes that are kept. Most requests leave none, and have no lists for them. */
export class CollectedNotes implements Notes {
  #warnings: Set<string> | undefined;
  #annotations: Map<string, string> | undefined;

  get warnings(): readonly string[] { return this.#warnings === undefined ? none : [...this.#warnings]; }

  get annotations(): Readonly<Record<string, string>> { return this.#annotations === undefined ? {} : Object.fromEntries(this.#annotations); }

  warn(text: string): void {
    this.#warnings ??= new Set();
    this.#warnings.add(text);
  }

  annotate(key: string, value: string): void {
    this.#annotations ??= new Map();
    this.#annotations.set(key, value);
  }
}

const none: readonly string[] = [];
