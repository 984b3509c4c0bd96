import type { Kind } from "../model/kind.ts";
import { apiVersionOf, storedKindOf } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { pooledText } from "../value/byte-pool.ts";
import { deepFreeze, frozenCopy } from "../value/freeze.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import type { Store } from "../store/store.ts";
import { objectKey } from "./keys.ts";
import { isOfKind, metadataOf, objectOf } from "./shape.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How every stored object of a kind begins. `resourceVersion` is written right behind it when the object is read. */
function opening(kind: Pick<Kind, "group" | "version" | "kind">): string {
  return `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},"metadata":{`;
}

const openings = new WeakMap<Kind, Uint8Array>();

/** Where an object of this kind takes its `resourceVersion`: behind these bytes. */
function openingBytes(kind: Kind): Uint8Array {
  const known = openings.get(kind);
  if (known !== undefined) return known;
  const bytes = encoder.encode(opening(kind));
  openings.set(kind, bytes);
  return bytes;
}

/**
 * The bytes an object is stored as: JSON, kind and apiVersion first, then metadata without `resourceVersion` and
 * `selfLink`, which are never stored. An object of another view is stored as what it is a view of.
 */
export function encodeObject(kind: Kind, json: JsonObject): Uint8Array {
  return encodeAs(storedKindOf(kind), kind.storedAs === undefined ? json : kind.storedAs.toStored(json));
}

function encodeAs(kind: Kind, json: JsonObject): Uint8Array {
  const { resourceVersion: _revision, selfLink: _link, name, ...metadata } = metadataOf(json);
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...rest } = json;
  return pooledText(JSON.stringify({ kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { name, ...metadata }, ...rest }));
}

/** The bytes of an object as it is sent, where what is stored is in another version that only a webhook makes of it. */
export function encodeView(kind: Kind, json: JsonObject, revision: number): Uint8Array {
  return withRevision(kind, encodeAs(kind, json), revision);
}

/** The object that lies in the store now. */
export function readStored(store: Pick<Store, "get">, kind: Kind, ref: ObjectRef): ApiObject | undefined {
  const entry = store.get(objectKey(kind, ref));
  return entry === undefined ? undefined : decodeObject(entry.value, entry.revision);
}

/** The same for a reader of one kind of objects: what lies there as another is not found. */
export function readStoredOf<T extends ApiObject>(store: Pick<Store, "get">, kind: Kind<T>, ref: ObjectRef): T | undefined {
  const object = readStored(store, kind, ref);
  return object !== undefined && isOfKind(kind, object) ? object : undefined;
}

/** JSON as bytes, of what is not stored. */
export function bytesOfObject(json: JsonObject): Uint8Array {
  return encoder.encode(JSON.stringify(json));
}

/** Stored bytes with `metadata.resourceVersion` put in, ready to send. No revision (a dry run of a create) leaves it out. */
export function spliceRevision(kind: Kind, stored: Uint8Array, revision: number): Uint8Array {
  return withRevision(kind, viewBytes(kind, stored, revision), revision);
}

/** Writes the same into `target` from `at` on, without a copy beside it; answers where it ends, or undefined where there is no room for it. */
export function spliceInto(target: Uint8Array, at: number, { kind, stored, revision }: { readonly kind: Kind; readonly stored: Uint8Array; readonly revision: number }): number | undefined {
  const view = viewBytes(kind, stored, revision);
  const memberBytes = revision === 0 ? 0 : memberBytesOf(revision);
  const end = at + view.length + memberBytes;
  if (end > target.length) return undefined;
  writeSpliced(target, at, { kind, view, revision });
  return end;
}

/** The bytes of an object as one of its kind, without its revision: those stored, unless they are in another version or of another kind. */
function viewBytes(kind: Kind, stored: Uint8Array, revision: number): Uint8Array {
  if (kind.storedAs !== undefined) return encodeAs(kind, kind.storedAs.toView(parse(stored)));
  return isStale(kind, stored, revision) ? encodeAs(kind, kind.schema?.renew(parse(stored)) ?? {}) : stored;
}

function withRevision(kind: Kind, view: Uint8Array, revision: number): Uint8Array {
  if (revision === 0) return view;
  const spliced = Buffer.allocUnsafe(view.length + memberBytesOf(revision));
  writeSpliced(spliced, 0, { kind, view, revision });
  return spliced;
}

const memberStart = encoder.encode('"resourceVersion":"');
const memberEnd = encoder.encode('",');

function memberBytesOf(revision: number): number {
  return memberStart.length + digitsOf(revision) + memberEnd.length;
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let left = number; left >= 10; left = Math.floor(left / 10)) digits += 1;
  return digits;
}

function writeSpliced(target: Uint8Array, at: number, { kind, view, revision }: { readonly kind: Kind; readonly view: Uint8Array; readonly revision: number }): void {
  if (revision === 0) { target.set(view, at); return; }
  const beginning = openingBytes(kind);
  const digits = digitsOf(revision);
  // All of it is put where its end belongs, and its beginning then once more where that belongs.
  target.set(view, at + memberStart.length + digits + memberEnd.length);
  target.set(beginning, at);
  const memberAt = at + beginning.length;
  target.set(memberStart, memberAt);
  const endAt = memberAt + memberStart.length + digits;
  for (let place = endAt - 1, left = revision; place >= memberAt + memberStart.length; place--, left = Math.floor(left / 10)) target[place] = zero + left % 10;
  target.set(memberEnd, endAt);
}

const zero = 0x30;

/** Parses stored bytes into an object that carries its revision; frozen, because caches share it. */
export function decodeObject(stored: Uint8Array, revision: number): ApiObject {
  const object = JSON.parse(decoder.decode(stored)) as { metadata: Record<string, unknown> };
  if (revision !== 0) object.metadata["resourceVersion"] = String(revision);
  // Larger than the rest and read by the API alone: frozen without a walk through it.
  Object.freeze(object.metadata["managedFields"]);
  return deepFreeze(object) as unknown as ApiObject;
}

/**
 * What `decodeObject` gives of the bytes of `encodeObject`, at whatever revision, without reading them. It shares no part with the object that is not frozen,
 * but for the managed fields, which the server has made. Undefined where what is stored is not the object itself.
 */
export function readingOf(kind: Kind, json: JsonObject): ((revision: number) => ApiObject) | undefined {
  if (kind.storedAs !== undefined || kind.schema !== undefined) return undefined;
  const { resourceVersion: _revision, selfLink: _link, name, ...others } = metadataOf(json);
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...rest } = json;
  if (others["managedFields"] !== undefined) Object.freeze(others["managedFields"]);
  const metadata = frozenMembers({ name, ...others });
  const members = frozenMembers(rest);
  return (revision) => objectOf(Object.freeze({ kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: Object.freeze({ ...metadata, resourceVersion: String(revision) }), ...members }));
}

function frozenMembers(json: JsonObject): JsonObject {
  const members = frozenCopy(json);
  return isJsonObject(members) ? members : {};
}

/** True for bytes that were stored before the kind's definition was what it is, or in another of its versions: they have to be made to follow it. */
function isStale(kind: Kind, stored: Uint8Array, revision: number): boolean {
  if (kind.schema === undefined) return false;
  if (revision !== 0 && revision <= kind.schema.sinceRevision) return true;
  const beginning = openingBytes(kind);
  return Buffer.compare(stored.subarray(0, beginning.length), beginning) !== 0;
}

/** A stored object as one of its kind: itself, what another view makes of it, or what a newer definition does. */
export function viewOfStored(kind: Kind, stored: ApiObject): ApiObject {
  if (kind.schema !== undefined) return renewed(kind, stored);
  return kind.storedAs === undefined ? stored : deepFreeze(kind.storedAs.toView(stored as unknown as JsonObject)) as unknown as ApiObject;
}

function renewed(kind: Kind, stored: ApiObject): ApiObject {
  const { schema } = kind;
  const revision = Number(stored.metadata.resourceVersion ?? 0);
  if (schema === undefined || (kind.storedAs === undefined && stored.apiVersion === apiVersionOf(kind) && (revision === 0 || revision > schema.sinceRevision))) return stored;
  return deepFreeze(schema.renew(stored as unknown as JsonObject)) as unknown as ApiObject;
}

function parse(stored: Uint8Array): JsonObject {
  return JSON.parse(decoder.decode(stored)) as JsonObject;
}
