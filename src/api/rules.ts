import { ApiError } from "../model/api-error.ts";
import { canonicalBody } from "../model/canonical-body.ts";
import { checkTypes } from "../model/check-types.ts";
import { applyDefaults } from "../model/defaults.ts";
import { printRepeatedField, printUnknownField, pruneUnknownFields } from "../model/fields.ts";
import type { FieldError } from "../model/field-error.ts";
import type { Kind } from "../model/kind.ts";
import { invalidError } from "../model/print-field-error.ts";
import { isWellTyped } from "../model/quick-checks.ts";
import { withFieldsOf } from "../model/subresource.ts";
import type { PartName } from "../model/subresource.ts";
import { validateObject, validateStatus } from "../model/validate.ts";
import type { JsonObject } from "../value/json.ts";
import { badRequest } from "./errors.ts";
import { silentNotes } from "./notes.ts";
import type { Notes } from "./notes.ts";
import { jsonOf, metadataOf, objectOf, textOf } from "./shape.ts";
import { partOf } from "./subresources.ts";
import type { WriteRequest } from "./verbs.ts";

/** A body that has the kind's fields and types, and what the client is told of the rest. */
export interface Decoded {
  readonly body: JsonObject;
  readonly warnings: readonly string[];
}

/** How strictly a body is read. */
export interface DecodeOptions extends Pick<WriteRequest, "fieldValidation" | "problems" | "members"> {
  /** True for what a patch made of an object: its refusal is that of the patch. */
  readonly isPatched?: boolean;
}

/** What is wrong with a text and its fields, as upstream's decoder comes upon it member after member; what is wrong with a patch or a custom object, upstream finds in two steps. */
function inOrder(problems: readonly string[], unknown: readonly string[], members: readonly string[]): readonly string[] {
  const left = new Set([...problems, ...unknown.map(printUnknownField)]);
  const seen = new Set<string>();
  const met: string[] = [];
  for (const path of members) {
    const text = seen.has(path) ? printRepeatedField(path) : printUnknownField(path);
    seen.add(path);
    if (left.delete(text)) met.push(text);
  }
  return [...met, ...left];
}

/** Takes unknown fields out, checks the types and writes times and quantities as upstream does. Throws BadRequest for unknown or repeated fields under strict validation (Invalid where a patch brought them) and for a wrong type, Invalid for one of a definition's kind. */
export function decodeBody(kind: Kind, body: JsonObject, { fieldValidation = "Warn", problems = [], members = [], isPatched = false }: DecodeOptions = {}): Decoded {
  if (problems.length === 0 && kind.schema === undefined && isWellTyped(kind.message, body)) return { body, warnings: [] };
  const { object, unknown } = pruneUnknownFields(kind, body);
  const texts = inOrder(problems, unknown, kind.schema === undefined && !isPatched ? members : []);
  if (texts.length > 0 && fieldValidation === "Strict") {
    const why = `strict decoding error: ${texts.join(", ")}`;
    if (isPatched) throw unfitPatch(why);
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);
  }
  const errors = checkTypes(kind, object);
  const decoding = errors[0]?.decoding;
  if (decoding !== undefined && isPatched) throw unfitPatch(decoding);
  // The causes say where, for those who show more than the message.
  if (decoding !== undefined) throw new ApiError("BadRequest", `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${decoding}`, { causes: errors });
  if (errors.length > 0) throw invalidError(kind, textOf(metadataOf(object), "name"), errors);
  return { body: canonicalBody(kind, object), warnings: fieldValidation === "Warn" ? texts : [] };
}

/** A patch that leaves what cannot be read. Upstream shows the whole object; it may be a secret. */
function unfitPatch(why: string): ApiError {
  return invalidError({ group: "", kind: "" }, "", [{ type: "Invalid", path: "patch", value: "{...}", detail: why }]);
}

/** Fills in what the client left out: the schema's defaults, then what the kind prepares itself. */
export function completeObject(kind: Kind, object: JsonObject, old: JsonObject | undefined): JsonObject {
  const filled = applyDefaults(kind, objectOf(object));
  return jsonOf(kind.prepare?.(filled, old === undefined ? undefined : objectOf(old)) ?? filled);
}

/** Throws Invalid with everything wrong with an object, or with the change from `old` to it. */
export function demandValid(kind: Kind, object: JsonObject, change: { readonly old?: JsonObject; readonly subresource?: PartName; readonly also?: readonly FieldError[]; readonly notes?: Notes } = {}): void {
  const { old, subresource, also = [], notes = silentNotes } = change;
  const errors = [...also, ...(old === undefined ? validateObject(kind, objectOf(object)) : findChangeErrors(kind, { object, old, subresource, notes }))];
  if (errors.length > 0) throw invalidError(kind, textOf(metadataOf(object), "name"), errors);
}

/** A part is held to its own rules; to those of the object as if its fields had always been so. */
function findChangeErrors(kind: Kind, { object, old, subresource, notes }: Change): readonly FieldError[] {
  const told = { warn: (text: string) => { notes.warn(text); } };
  if (subresource === undefined) return validateObject(kind, objectOf(object), objectOf(old), told);
  const part = partOf(kind, subresource);
  const own = part.check?.(object, old) ?? [];
  if (subresource === "status") return [...own, ...validateStatus(kind, objectOf(object), objectOf(old), told)];
  return [...own, ...validateObject(kind, objectOf(object), objectOf(withFieldsOf(old, object, part.fields)), told)];
}

interface Change {
  readonly object: JsonObject;
  readonly old: JsonObject;
  readonly subresource: PartName | undefined;
  readonly notes: Notes;
}
