import type { Kind } from "../model/kind.ts";
import type { ObjectRef } from "../model/object.ts";
import { matchesFieldSelector, parseFieldSelector } from "../value/field-selector.ts";
import type { FieldSelectorTerms } from "../value/field-selector.ts";
import { matchesSelector, parseSelector } from "../value/labels.ts";
import type { Selector } from "../value/labels.ts";
import { SoughtBytes } from "../value/sought-bytes.ts";
import { isValueError } from "../value/value-error.ts";
import { badRequest } from "./errors.ts";
import type { StoredObject } from "./verbs.ts";

/** Values by field, `spec.nodeName`. */
export type ExactFields = Readonly<Record<string, string>>;

const noFields: ExactFields = {};

/** What a field selector asks for to the letter. Pure. */
export function exactFieldsOf(terms: FieldSelectorTerms): ExactFields {
  return terms.length === 0 ? noFields : Object.fromEntries(terms.flatMap(({ field, operator, value }) => (operator === "=" ? [[field, value]] : [])));
}

/** Which objects a list or watch asks for. */
export interface Selection {
  /** True when every object is selected, so that no selector needs to look. */
  readonly isAll: boolean;
  /** The one name that is asked for, where there is exactly one. */
  readonly name: string | undefined;
  /** False for what does not match, as far as that can be told without parsing it. */
  mayMatch(stored: StoredObject): boolean;
  /** Fields that must have one value: who may see but some of a kind may ask for these. */
  readonly exact: ExactFields;
  matches(stored: StoredObject): boolean;
}

/** Parses the selectors of a request. Throws BadRequest with upstream's message. */
export function parseSelection(kind: Kind, request: { readonly labelSelector?: string; readonly fieldSelector?: string }): Selection {
  const labels = parse(() => parseSelector(request.labelSelector ?? ""));
  const terms = parse(() => parseFieldSelector(request.fieldSelector ?? ""));
  for (const { field } of terms) checkField(kind, field);
  const keyTerms = terms.filter(({ field }) => isKeyField(field));
  const objectTerms = terms.filter(({ field }) => !isKeyField(field));
  const names = keyTerms.filter(({ field }) => field === "metadata.name");
  const [first] = names;
  const asksLabels = labels.kind === "nothing" || labels.requirements.length > 0;
  const texts = textsOf(kind, labels, objectTerms);
  const mayMatch = (stored: StoredObject): boolean => matchesKey(keyTerms, stored) && texts.every((text) => stored.mayHold?.(text) ?? true);
  return {
    isAll: terms.length === 0 && !asksLabels,
    name: names.length === 1 && first?.operator === "=" ? first.value : undefined,
    exact: exactFieldsOf(terms),
    mayMatch,
    matches: (stored) => mayMatch(stored) && ((objectTerms.length === 0 && !asksLabels) || matchesObject(kind, stored, { labels, terms: objectTerms })),
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isValueError(error)) throw badRequest(error.message);
    throw error;
  }
}

function isKeyField(field: string): boolean {
  return field === "metadata.name" || field === "metadata.namespace";
}

/** Core kinds that have no metadata.namespace to select by. */
const withoutNamespaceField: ReadonlySet<string> = new Set(["Namespace", "Node"]);

function checkField(kind: Kind, field: string): void {
  const own = Object.keys(kind.selectableFields);
  if (own.includes(field) || field === "metadata.name") return;
  if (field === "metadata.namespace" && !withoutNamespaceField.has(kind.kind)) return;
  if (own.length > 0) throw badRequest(`field label not supported: ${field}`);
  throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

/** Answers from the key alone, without parsing the object. */
function matchesKey(terms: FieldSelectorTerms, ref: ObjectRef): boolean {
  return terms.length === 0 || matchesFieldSelector(terms, (field) => field === "metadata.name" ? ref.name : ref.namespace);
}

/** What stands in the bytes of every object that matches: labels and members as JSON prints them. */
function textsOf(kind: Kind, labels: Selector, terms: FieldSelectorTerms): readonly SoughtBytes[] {
  // Objects of another view are made of what is stored, and need not say it in the same words.
  if (kind.storedAs !== undefined) return [];
  const members = [
    ...labels.requirements.filter(({ operator, values }) => (operator === "=" || operator === "in") && values.length === 1).map(({ key, values: [value = ""] }) => [key, value]),
    ...terms.filter(({ field, operator, value }) => operator === "=" && value !== "" && kind.textFields?.includes(field) === true).map(({ field, value }) => [field.slice(field.lastIndexOf(".") + 1), value]),
  ];
  return members.map(([name, value]) => new SoughtBytes(`${JSON.stringify(name)}:${JSON.stringify(value)}`));
}

function matchesObject(kind: Kind, stored: StoredObject, { labels, terms }: { readonly labels: Selector; readonly terms: FieldSelectorTerms }): boolean {
  const object = stored.object();
  return matchesSelector(labels, object.metadata.labels) && matchesFieldSelector(terms, (field) => kind.selectableFields[field]?.(object) ?? "");
}
