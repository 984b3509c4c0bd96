import type { Kind } from "../model/kind.ts";
import { findSubresource, keepParts, writePart } from "../model/subresource.ts";
import type { Part, PartName } from "../model/subresource.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { applyMergePatch } from "../value/merge-patch.ts";
import { notServed } from "./errors.ts";
import { patchOfScale, scaleOf } from "./scale.ts";
import { metadataOf, textOf } from "./shape.ts";

/** The part of that name. Throws NotFound when the kind has none. */
export function partOf(kind: Kind, name: PartName): Part {
  const found = findSubresource(kind, name);
  if (found?.type !== "part") throw notServed();
  return found;
}

interface PartWrite {
  readonly kind: Kind;
  readonly old: JsonObject;
  readonly body: JsonObject;
  readonly subresource?: PartName;
  /** True for a patch, and for a body that names the revision it was read at. */
  readonly hasSeen: boolean;
}

/** The object as it is after a write of one part: everything else stays as it was. Without a subresource, what only parts may write stays. */
export function applySubresource({ kind, old, body, subresource, hasSeen }: PartWrite): JsonObject {
  if (subresource === undefined) return keepParts(kind, body, old);
  if (subresource !== "scale") return writePart(partOf(kind, subresource), old, { sent: body, hasSeen });
  if (kind.scale === undefined) throw notServed();
  const { metadata: _condition, ...patch } = patchOfScale(kind, textOf(metadataOf(old), "name"), body);
  const scaled = applyMergePatch(old, patch);
  return isJsonObject(scaled) ? scaled : {};
}

/** What a patch of a part is applied to: the Scale for `scale`, else the object. */
export function viewOf(kind: Kind, object: JsonObject, subresource: PartName | undefined): JsonObject {
  if (subresource !== "scale") return object;
  if (kind.scale === undefined) throw notServed();
  return scaleOf(kind.scale, object);
}
