import { apiVersionOf, hasOwnObjects, storedKindOf } from "./kind.ts";
import type { Kind } from "./kind.ts";
import { kinds as builtInKinds } from "./kinds.ts";

/** Finds the kind of an `apiVersion` and `kind`. */
export type FindKind = (apiVersion: string, kind: string) => Kind | undefined;

/** The kinds served at this moment: the built-in ones, and those of the definitions that are established. */
export interface ServedKinds {
  /** Another list whenever something changes: what is derived from it can be kept by its identity. */
  readonly all: readonly Kind[];
  /** What objects are stored as: each is of exactly one of these. A storage version need not be served. */
  readonly stored: readonly Kind[];
  /** Those of `stored` that come from definitions. */
  readonly custom: readonly Kind[];
  find(apiVersion: string, kind: string): Kind | undefined;
  /** Calls `listener` after each change; the answer stops that. */
  onChange(listener: () => void): () => void;
}

/** The live table of kinds. The API fills it from the definitions in its store; everybody else reads it. */
export class KindTable implements ServedKinds {
  readonly #builtIn: readonly Kind[];
  readonly #listeners = new Set<() => void>();
  #all: readonly Kind[] = [];
  #stored: readonly Kind[] = [];
  #custom: readonly Kind[] = [];
  #byName: ReadonlyMap<string, Kind> = new Map();

  constructor(builtIn: readonly Kind[] = builtInKinds) {
    this.#builtIn = builtIn;
    this.replace([]);
  }

  get all(): readonly Kind[] {
    return this.#all;
  }

  get stored(): readonly Kind[] {
    return this.#stored;
  }

  get custom(): readonly Kind[] {
    return this.#custom;
  }

  find(apiVersion: string, kind: string): Kind | undefined {
    return this.#byName.get(nameOf(apiVersion, kind));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /** Takes the kinds of all definitions, every served version. */
  replace(custom: readonly Kind[]): void {
    this.#all = custom.length === 0 ? this.#builtIn : [...this.#builtIn, ...custom];
    this.#stored = [...new Set(this.#all.map(storedKindOf))].filter(hasOwnObjects);
    this.#custom = this.#stored.filter((kind) => kind.schema !== undefined);
    this.#byName = new Map(this.#all.map((kind) => [nameOf(apiVersionOf(kind), kind.kind), kind]));
    for (const listener of this.#listeners) listener();
  }
}

function nameOf(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}
