import type { Kind } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { isEqual } from "../value/equal.ts";
import type { AdmissionRequest } from "./admission-plugin.ts";
import type { UserInfo } from "./client.ts";
import { objectKey, prefixOf } from "./keys.ts";
import type { Notes } from "./notes.ts";
import type { StagedReader } from "./staged-reader.ts";
import type { Staging } from "./staging.ts";

/** One read of the store, and at which revisions it found what; 0 for nothing. */
type Read =
  | { readonly kind: "one"; readonly key: string; readonly isDepended: boolean; readonly revision: number }
  | { readonly kind: "all"; readonly prefix: string; readonly keys: readonly string[]; readonly revisions: readonly number[] };

/** What admission went by when it admitted an object. As long as all of it is the same, it admits an equal object of another name equally. */
export interface AdmissionTrace {
  readonly reads: readonly Read[];
  /** Who wrote, where that was asked. */
  readonly user: UserInfo | undefined;
  /** The kinds that were served, where that was asked. */
  readonly kinds: Iterable<Kind> | undefined;
  readonly warnings: readonly string[];
  readonly annotations: readonly (readonly [key: string, value: string])[];
}

/** True when whoever goes by this trace would find all as it was. What the commit depended on it depends on again. */
export function isAsTraced({ reads, user, kinds }: AdmissionTrace, staging: Staging, now: { readonly user: UserInfo; readonly kinds: Iterable<Kind> }): boolean {
  if (kinds !== undefined && kinds !== now.kinds) return false;
  if (user !== undefined && !isEqual(user, now.user)) return false;
  for (const read of reads) if (!isAsRead(read, staging)) return false;
  return true;
}

function isAsRead(read: Read, staging: Staging): boolean {
  if (read.kind === "one") return ((read.isDepended ? staging.depend(read.key) : staging.get(read.key))?.revision ?? 0) === read.revision;
  const entries = staging.list(read.prefix);
  if (entries.length !== read.keys.length) return false;
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.revision !== read.revisions[index] || entry?.key !== read.keys[index]) return false;
  }
  return true;
}

/**
 * A request to create an object, as plugins are given it, that notes what they ask for. What no trace can hold is told by `trace` being undefined: the
 * name, chance, replies from outside, writes and rights.
 */
export class RecordedRequest implements AdmissionRequest {
  readonly operation = "create";
  readonly kind: Kind;
  readonly old = undefined;
  readonly hasAccountTokens: boolean;
  readonly reader: StagedReader;
  readonly notes: Notes;
  readonly ref: ObjectRef;
  readonly #request: AdmissionRequest;
  readonly #reads = new Map<string, Read>();
  readonly #warnings: string[] = [];
  readonly #annotations: (readonly [string, string])[] = [];
  #user: UserInfo | undefined;
  #kinds: Iterable<Kind> | undefined;
  #isTraceable = true;

  constructor(request: AdmissionRequest) {
    const { kind, ref, notes, reader, hasAccountTokens } = request;
    this.#request = request;
    this.kind = kind;
    this.hasAccountTokens = hasAccountTokens;
    const askName = (): string => { this.#isTraceable = false; return ref.name; };
    this.ref = { namespace: ref.namespace, get name() { return askName(); } };
    this.notes = {
      warn: (text) => { this.#warnings.push(text); notes.warn(text); },
      annotate: (key, value) => { this.#annotations.push([key, value]); notes.annotate(key, value); },
    };
    this.reader = {
      get: <T extends ApiObject>(of: Kind<T>, place: ObjectRef, options?: { readonly isDepended: boolean }) => {
        this.#noteOne(objectKey(of, place), options?.isDepended === true);
        return reader.get(of, place, options);
      },
      list: <T extends ApiObject>(of: Kind<T>, namespace?: string) => {
        this.#noteAll(prefixOf(of, namespace));
        return reader.list(of, namespace);
      },
    };
  }

  get user(): UserInfo { this.#user = this.#request.user; return this.#user; }

  get kinds(): Iterable<Kind> { this.#kinds = this.#request.kinds; return this.#kinds; }

  get staging(): AdmissionRequest["staging"] { this.#isTraceable = false; return this.#request.staging; }

  get replies(): AdmissionRequest["replies"] { this.#isTraceable = false; return this.#request.replies; }

  get reservations(): AdmissionRequest["reservations"] { this.#isTraceable = false; return this.#request.reservations; }

  get authorizer(): AdmissionRequest["authorizer"] { this.#isTraceable = false; return this.#request.authorizer; }

  /** What admission went by until now; undefined where that cannot be told. */
  get trace(): AdmissionTrace | undefined {
    if (!this.#isTraceable) return undefined;
    return { reads: [...this.#reads.values()], user: this.#user, kinds: this.#kinds, warnings: this.#warnings, annotations: this.#annotations };
  }

  #noteOne(key: string, isDepended: boolean): void {
    const known = this.#reads.get(key);
    if (known?.kind === "one" && (known.isDepended || !isDepended)) return;
    this.#reads.set(key, { kind: "one", key, isDepended, revision: this.#request.staging.get(key)?.revision ?? 0 });
  }

  #noteAll(prefix: string): void {
    if (this.#reads.has(prefix)) return;
    const entries = this.#request.staging.list(prefix);
    this.#reads.set(prefix, { kind: "all", prefix, keys: entries.map(({ key }) => key), revisions: entries.map(({ revision }) => revision) });
  }
}
