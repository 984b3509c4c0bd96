import { printCanonicalJson } from "../value/canonical-json.ts";
import { fnv1a32, safeEncode } from "../value/digest.ts";
import type { Json } from "../value/json.ts";
import type { PodTemplateSpec } from "./generated/core-v1.ts";

/** The label that ties pods and ReplicaSets to their template. */
export const templateHashLabel = "pod-template-hash";

/**
 * The hash a template's ReplicaSet is named by: the same for equal templates, whatever the order of their members. The count makes room when two templates meet.
 * @see kubernetes pkg/controller/controller_utils.go ComputeHash
 */
export function templateHash(template: PodTemplateSpec, collisionCount?: number): string {
  const text = printCanonicalJson(template as unknown as Json) + (collisionCount === undefined || collisionCount === 0 ? "" : `#${collisionCount}`);
  return safeEncode(String(fnv1a32(text)));
}
