import { printCanonicalJson } from "../../value/canonical-json.ts";
import { isEqual } from "../../value/equal.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import type { Schema } from "./schema-parts.ts";

/** What a member of an object was before; undefined where there was none. */
export function memberBefore(old: Json | undefined, name: string): Json | undefined {
  return isJsonObject(old) && Object.hasOwn(old, name) ? old[name] : undefined;
}

/** Finds what an item of a list was before; only lists that are maps tell: undefined in all others. */
export function itemsBefore(schema: Schema, old: Json | undefined): (item: Json) => Json | undefined {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || keys === undefined || !Array.isArray(old)) return () => undefined;
  const keyOf = (item: Json): string => printCanonicalJson(isJsonObject(item) ? keys.map((key) => item[key] ?? null) : null);
  const index = new Map(old.map((item: Json) => [keyOf(item), item]));
  return (item) => index.get(keyOf(item));
}

/**
 * A value beside what it was before an update. What did not change is not refused for rules that its definition got since.
 *
 * @see kubernetes apiserver pkg/cel/common/equality.go CorrelatedObject
 */
export class Before {
  readonly old: Json;
  readonly #value: Json;
  #isUnchanged: boolean | undefined;

  constructor(value: Json, old: Json) {
    this.#value = value;
    this.old = old;
  }

  /** Whether it is what it was. Looked at once, however many rules ask. */
  get isUnchanged(): boolean {
    return this.#isUnchanged ??= isEqual(this.#value, this.old);
  }
}

/** The root names its version and kind, which are always those it is looked at in: what they were says nothing. */
export function isIdentity(path: string, name: string): boolean {
  return path === "" && (name === "apiVersion" || name === "kind");
}
