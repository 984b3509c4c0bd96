import type { Kind } from "../model/kind.ts";
import { apiVersionOf, storedKindOf } from "../model/kind.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { pooledText } from "../value/byte-pool.ts";
import { deepFreeze } from "../value/freeze.ts";
import type { JsonObject } from "../value/json.ts";
import type { Store } from "../store/store.ts";
import { objectKey } from "./keys.ts";
import { isOfKind, metadataOf } from "./shape.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How every stored object of a kind begins. `resourceVersion` is written right behind it when the object is read. */
function opening(kind: Pick<Kind, "group" | "version" | "kind">): string {
  return `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},"metadata":{`;
}

const openings = new Map<string, Uint8Array>();

/** Where an object of this kind takes its `resourceVersion`: behind these bytes. */
function openingBytes(kind: Kind): Uint8Array {
  const name = `${kind.group}/${kind.version}/${kind.kind}`;
  const known = openings.get(name);
  if (known !== undefined) return known;
  const bytes = encoder.encode(opening(kind));
  openings.set(name, bytes);
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
  const inner = JSON.stringify({ name, ...metadata });
  const outer = JSON.stringify(rest);
  return pooledText(`${opening(kind)}${inner.slice(1)}${outer === "{}" ? "}" : `,${outer.slice(1)}`}`);
}

/** The bytes of an object as it is sent, where what is stored is in another version that only a webhook makes of it. */
export function encodeView(kind: Kind, json: JsonObject, revision: number): Uint8Array {
  const bytes = encodeAs(kind, json);
  return revision === 0 ? bytes : Buffer.concat(piecesOf(kind, bytes, revision));
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
  return Buffer.concat(splicePieces(kind, stored, revision));
}

/** The pieces of which `spliceRevision` makes one: nothing of the stored bytes is copied. They hold until the next call. */
export function splicePieces(kind: Kind, stored: Uint8Array, revision: number): readonly Uint8Array[] {
  const view = kind.storedAs !== undefined ? encodeAs(kind, kind.storedAs.toView(parse(stored)))
    : isStale(kind, stored, revision) ? encodeAs(kind, kind.schema?.renew(parse(stored)) ?? {}) : stored;
  return revision === 0 ? [view] : piecesOf(kind, view, revision);
}

function piecesOf(kind: Kind, view: Uint8Array, revision: number): readonly Uint8Array[] {
  const beginning = openingBytes(kind);
  const { written } = encoder.encodeInto(`"resourceVersion":"${revision}",`, revisionScratch);
  return [beginning, revisionScratch.subarray(0, written), view.subarray(beginning.length)];
}

/** Room for the member and the longest revision. */
const revisionScratch = new Uint8Array(64);

/** Parses stored bytes into an object that carries its revision; frozen, because caches share it. */
export function decodeObject(stored: Uint8Array, revision: number): ApiObject {
  const object = JSON.parse(decoder.decode(stored)) as { metadata: Record<string, unknown> };
  if (revision !== 0) object.metadata["resourceVersion"] = String(revision);
  // Larger than the rest and read by the API alone: frozen without a walk through it.
  Object.freeze(object.metadata["managedFields"]);
  return deepFreeze(object) as unknown as ApiObject;
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
