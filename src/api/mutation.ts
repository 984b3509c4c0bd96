import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { findSubresource, keepParts, writePart } from "../model/subresource.ts";
import { isEqual } from "../value/equal.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { applyMergePatch } from "../value/merge-patch.ts";
import type { Admission, AdmissionRequest } from "./admission-plugin.ts";
import { completeObject, decodeBody } from "./rules.ts";
import type { DecodeOptions } from "./rules.ts";
import { jsonOf, metadataOf, objectOf, withMetadata } from "./shape.ts";
import { patchOfScale } from "./scale.ts";
import { fromView, isMadeWith, isScaled } from "./webhooks/review.ts";

/** What people add to admission that changes objects: policies and webhooks. */
export interface Mutator extends Pick<Admission, "name" | "handles"> {
  mutate(object: ApiObject, request: AdmissionRequest): Mutation;
}

/** How an object came out of a mutator. */
export interface Mutation {
  readonly object: ApiObject;
  /** True when those that came before should see it again. */
  readonly isChanged: boolean;
  /** The same object after others had it: once more through those that want that. */
  again(object: ApiObject): ApiObject;
}

/** What a mutator says that has nothing to do. */
export function unchanged(object: ApiObject): Mutation {
  return { object, isChanged: false, again: (now) => now };
}

/**
 * Lets mutators change an object, one after the other. When one changed something, the plugins before them see it again, and then they themselves, once.
 *
 * @param earlier the plugins that run before
 * @see kubernetes apiserver pkg/admission/reinvocation.go
 */
export function mutation(earlier: readonly Admission[], mutators: readonly Mutator[]): Admission {
  return {
    name: "Mutation",
    handles: (request) => mutators.some((mutator) => mutator.handles(request)),
    admit(object, request) {
      const rounds: Mutation[] = [];
      let current = object;
      for (const mutator of mutators) {
        if (!mutator.handles(request)) continue;
        const round = mutator.mutate(current, request);
        rounds.push(round);
        current = round.object;
      }
      if (!rounds.some(({ isChanged }) => isChanged)) return current;
      for (const plugin of earlier) if (plugin.admit !== undefined && plugin.handles(request)) current = plugin.admit(current, request);
      for (const round of rounds) current = round.again(current);
      return current;
    },
  };
}

/** True for objects that say the same. */
export function isSame(a: ApiObject, b: ApiObject): boolean {
  return a === b || isEqual(jsonOf(a), jsonOf(b));
}

/** An object as a mutator left it, in the version it saw. */
export interface Change extends Pick<DecodeOptions, "fieldValidation"> {
  readonly changed: JsonObject;
  readonly kind: Kind;
}

/** The object as a mutator left it: with the right types, completed, and with no more changed than the request may change. Throws ApiError for wrong types. */
export function adoptChange(object: ApiObject, { changed, kind, fieldValidation = "Ignore" }: Change, request: AdmissionRequest): ApiObject {
  if (isMadeWith(request)) return objectOf(changed);
  if (isScaled(request)) return scaled(object, changed, request);
  const { body } = decodeBody(request.kind, fromView(changed, kind, request.kind), { fieldValidation });
  const completed = completeObject(request.kind, withOwnParts(jsonOf(object), body, request), request.old === undefined ? undefined : jsonOf(request.old));
  return isEqual(completed, jsonOf(object)) ? object : objectOf(completed);
}

/** The object with as many replicas as its Scale was left with; nothing else of a Scale is written. */
function scaled(object: ApiObject, scale: JsonObject, { kind, ref }: AdmissionRequest): ApiObject {
  const { metadata: _condition, ...patch } = patchOfScale(kind, ref.name, scale);
  const after = applyMergePatch(jsonOf(object), patch);
  return isJsonObject(after) ? objectOf(after) : object;
}

/** What the server alone writes of an object's metadata. */
const systemFields = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion", "selfLink", "managedFields"] as const;

/** A mutator changes what its request could: neither what the server writes nor another part than the one that is written. */
function withOwnParts(before: JsonObject, after: JsonObject, { kind, subresource }: AdmissionRequest): JsonObject {
  const part = subresource === undefined || subresource === "scale" ? undefined : findSubresource(kind, subresource);
  const kept = part === undefined ? keepParts(kind, after, before) : part.type === "part" ? writePart(part, before, { sent: after, hasSeen: true }) : after;
  const own = metadataOf(before);
  return withMetadata(kept, Object.fromEntries(systemFields.map((field) => [field, own[field]])));
}
