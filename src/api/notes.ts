/** What a request is told beside its answer, and what the audit log is told of it. Repeated notes count once: a write may be prepared several times. */
export interface Notes {
  /** A `Warning` header, on refusals too. */
  warn(text: string): void;
  /** An annotation of the request's audit event, `pod-security.kubernetes.io/enforce-policy`. */
  annotate(key: string, value: string): void;
}

/** Notes nobody reads. */
export const silentNotes: Notes = { warn: () => {}, annotate: () => {} };

/** Notes that are kept. */
export class CollectedNotes implements Notes {
  readonly #warnings = new Set<string>();
  readonly #annotations = new Map<string, string>();

  get warnings(): readonly string[] { return [...this.#warnings]; }

  get annotations(): Readonly<Record<string, string>> { return Object.fromEntries(this.#annotations); }

  warn(text: string): void {
    this.#warnings.add(text);
  }

  annotate(key: string, value: string): void {
    this.#annotations.set(key, value);
  }
}
