import mergePatch from "json-merge-patch";
import type { Json } from "./json.ts";

/** Applies a JSON Merge Patch (RFC 7396): null deletes, objects merge, everything else replaces. Changes neither argument. */
export function applyMergePatch(target: Json, patch: Json): Json {
  return mergePatch.apply<Json>(structuredClone(target), structuredClone(patch));
}

/** The merge patch that leads from one value to another, or undefined when they are equal. Lists are replaced whole; a null in `after` reads as absent. */
export function generateMergePatch(before: Json, after: Json): Json | undefined {
  return mergePatch.generate<Json>(structuredClone(before), structuredClone(after));
}
