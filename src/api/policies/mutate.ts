import type { Mutation } from "../../model/generated/admissionregistration-v1.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { findAtomics } from "../../model/managed-fields/atomics.ts";
import { structureOf } from "../../model/managed-fields/atom.ts";
import { mergeConfiguration } from "../../model/managed-fields/merge.ts";
import { specifiedFields } from "../../model/managed-fields/specified.ts";
import { objectMessage, patchDialect, patchMessage } from "../../value/cel/libraries/patches.ts";
import { CelMessage } from "../../value/cel/message.ts";
import { CelValueError, jsonOfCel } from "../../value/cel/values.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { applyJsonPatch, isTestFailed } from "../../value/json-patch.ts";
import { isValueError } from "../../value/value-error.ts";
import { findUntyped, printTypeErrors } from "../typed-manifest.ts";
import type { Bindings } from "./bindings.ts";
import type { Budget } from "./evaluate.ts";

/** What a mutation makes of an object. */
export type Mutated = { readonly kind: "object"; readonly object: JsonObject } | { readonly kind: "failed"; readonly message: string };

/** The object that is changed, in the version the policy wants to see. */
export interface MutationTarget {
  readonly kind: Kind;
  readonly object: JsonObject;
}

/**
 * Changes an object as one mutation of a policy says. Defaults and the rest of what makes an object whole are left to who asks. Pure.
 *
 * @see kubernetes apiserver pkg/admission/plugin/policy/mutating/patch
 */
export function mutate({ patchType, applyConfiguration, jsonPatch }: Mutation, target: MutationTarget, bindings: Bindings, budget: Budget): Mutated {
  const expression = (patchType === "JSONPatch" ? jsonPatch : applyConfiguration)?.expression ?? "";
  const outcome = budget.evaluate(expression, bindings, patchDialect);
  if (outcome.kind === "error") return failed(`expression '${expression}' resulted in error: ${outcome.message}`);
  try {
    return patchType === "JSONPatch" ? patchBy(outcome.value, target) : mergeInto(outcome.value, target);
  } catch (error) {
    if (error instanceof CelValueError) return failed(error.message);
    throw error;
  }
}

function failed(message: string): Mutated {
  return { kind: "failed", message };
}

function mergeInto(value: unknown, { kind, object }: MutationTarget): Mutated {
  if (!(value instanceof CelMessage) || value.typeName !== objectMessage) return failed("must evaluate to Object");
  const misnamed = findMisnamed(value, value.typeName);
  if (misnamed.length > 0) return failed(`type mismatch: ${misnamed.join("\n")}`);
  const sent = jsonOfCel(value);
  const configuration = { ...(isJsonObject(sent) ? sent : {}), apiVersion: apiVersionOf(kind), kind: kind.kind };
  const structure = structureOf(kind);
  const untyped = findUntyped(kind, configuration);
  const unfit = untyped.length > 0 ? untyped : specifiedFields(structure, configuration).errors;
  if (unfit.length > 0) return failed(`error applying patch: failed to convert patch object to typed object: ${printTypeErrors(unfit)}`);
  const atomics = findAtomics(structure, configuration);
  if (atomics.length > 0) return failed(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`);
  return { kind: "object", object: mergeConfiguration(structure, object, configuration) };
}

/** Messages that are not called as the fields they are in: `Object{spec: Object.status{}}`. */
function findMisnamed(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => findMisnamed(item, path));
  if (!(value instanceof CelMessage)) return value instanceof Map ? [...value.values()].flatMap((member) => findMisnamed(member, path)) : [];
  const own = value.typeName === path ? [] : [`unexpected type name "${value.typeName}", expected "${path}", which matches field name path from root Object type`];
  return [...own, ...[...value].flatMap(([name, member]) => findMisnamed(member, `${path}.${name}`))];
}

function patchBy(value: unknown, { object }: MutationTarget): Mutated {
  if (!Array.isArray(value)) return failed("type mismatch: JSONPatchType.expression should evaluate to array");
  const operations: JsonObject[] = [];
  for (const item of value as readonly unknown[]) {
    if (!(item instanceof CelMessage) || item.typeName !== patchMessage) return failed("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
    const put = item.get("value");
    const misnamed = put instanceof CelMessage ? findMisnamed(put, put.typeName) : [];
    if (misnamed.length > 0) return failed(`type mismatch: ${misnamed.join("\n")}`);
    operations.push(operationOf(item));
  }
  try {
    const changed = applyJsonPatch(object, operations);
    return isJsonObject(changed) ? { kind: "object", object: changed } : failed("JSON Patch: it leaves no object");
  } catch (error) {
    // A test that fails says that the patch is not for this object.
    if (isTestFailed(error)) return { kind: "object", object };
    if (isValueError(error)) return failed(`JSON Patch: ${error.message}`);
    throw error;
  }
}

/** An operation as JSON: op and path are there even where nothing was said. */
function operationOf(message: CelMessage): JsonObject {
  const text = (name: string): string => { const value = message.get(name); return typeof value === "string" ? value : ""; };
  const from = text("from");
  const value: { readonly value?: Json } = message.has("value") ? { value: jsonOfCel(message.get("value")) } : {};
  return { op: text("op"), path: text("path"), ...(from === "" ? {} : { from }), ...value };
}
