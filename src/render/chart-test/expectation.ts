import { isEqual } from "../../value/equal.ts";
import { printFieldPath, readField } from "../../value/field-path.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { compileRegex } from "../../value/regex.ts";
import { ValueError } from "../../value/value-error.ts";
import type { Manifest } from "../render.ts";
import { checkMembers, TestFileError } from "./test-case.ts";

/** What one render of the chart gave. */
export interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly notes: string;
  /** The same with the chart's own values. */
  readonly defaults: () => readonly Manifest[];
}

/** What may be said of a field, and whether it holds; the words complete "expected …". */
const questions: Readonly<Record<string, (actual: Json | undefined, wanted: Json) => { readonly holds: boolean; readonly words: string }>> = {
  equals: (actual, wanted) => ({ holds: isEqual(actual, wanted), words: JSON.stringify(wanted) }),
  notEquals: (actual, wanted) => ({ holds: !isEqual(actual, wanted), words: `anything but ${JSON.stringify(wanted)}` }),
  contains: (actual, wanted) => ({ holds: holdsPart(actual, wanted), words: `it to contain ${JSON.stringify(wanted)}` }),
  matches: (actual, wanted) => ({ holds: typeof actual === "string" && compileRegex(textOf(wanted)).test(actual), words: `it to match ${textOf(wanted)}` }),
  exists: (actual, wanted) => ({ holds: (actual !== undefined) === (wanted === true), words: wanted === true ? "it to exist" : "it to be absent" }),
};

const members = ["count", "kind", "object", "path", "notes", "differsFromDefault", ...Object.keys(questions)];

/** What does not hold of one expectation; empty when all does. */
export function checkExpectation(expectation: JsonObject, rendered: Rendered): readonly string[] {
  try {
    checkMembers(expectation, members, []);
    return check(expectation, rendered);
  } catch (error) {
    if (error instanceof TestFileError || error instanceof ValueError) return [error.message];
    throw error;
  }
}

function check(expectation: JsonObject, { manifests, notes, defaults }: Rendered): readonly string[] {
  const { count, kind, object, path, notes: wantedNotes } = expectation;
  if (count !== undefined) {
    const counted = kind === undefined ? manifests : manifests.filter((manifest) => manifest.object.kind === kind);
    return count === counted.length ? [] : [`there are ${counted.length} ${typeof kind === "string" ? `${kind} objects` : "objects"}, expected ${JSON.stringify(count)}: ${counted.map(nameOf).join(", ")}`];
  }
  if (wantedNotes !== undefined) return notes.includes(textOf(wantedNotes)) ? [] : [`the notes do not contain ${JSON.stringify(wantedNotes)}; they are ${JSON.stringify(notes)}`];
  if (typeof object !== "string") return ["an expectation needs count, notes, or object (as Deployment/demo) with a path"];
  const found = find(manifests, object);
  if (path === undefined && typeof expectation["exists"] === "boolean") {
    return (found !== undefined) === expectation["exists"] ? [] : [`there is ${found === undefined ? "no" : "a"} ${object}, expected ${expectation["exists"] ? "one" : "none"}`];
  }
  if (found === undefined) return [`there is no ${object}; there are ${manifests.map(nameOf).join(", ")}`];
  if (typeof path !== "string") return [`an expectation of ${object} needs a path, as spec.replicas`];
  return checkField(expectation, { object, path, actual: readField(found.object, path), byDefault: () => readField(find(defaults(), object)?.object ?? null, path) });
}

function checkField(expectation: JsonObject, field: { readonly object: string; readonly path: string; readonly actual: Json | undefined; readonly byDefault: () => Json | undefined }): readonly string[] {
  const { object, path, actual } = field;
  const shown = `${object} ${path} is ${actual === undefined ? "absent" : JSON.stringify(actual)}`;
  if (expectation["differsFromDefault"] === true) return isEqual(actual, field.byDefault()) ? [`${shown}, as by default`] : [];
  const asked = Object.keys(questions).filter((name) => Object.hasOwn(expectation, name));
  if (asked.length === 0) return [`an expectation of ${object} ${path} says nothing; use ${[...Object.keys(questions), "differsFromDefault"].join(", ")}`];
  return asked.flatMap((name) => {
    const answer = questions[name]?.(actual, expectation[name] ?? null);
    return answer === undefined || answer.holds ? [] : [`${shown}, expected ${answer.words}`];
  });
}

/** A text holds a part, a list an item, a map members; of an item that is a map, the named members count. */
function holdsPart(actual: Json | undefined, wanted: Json): boolean {
  if (typeof actual === "string") return actual.includes(typeof wanted === "string" ? wanted : JSON.stringify(wanted));
  if (Array.isArray(actual)) return (actual as readonly Json[]).some((item) => isEqual(item, wanted) || (isJsonObject(item) && holdsPart(item, wanted)));
  return isJsonObject(actual) && isJsonObject(wanted) && Object.entries(wanted).every(([key, value]) => Object.hasOwn(actual, key) && (isEqual(actual[key], value) || (isJsonObject(actual[key]) && holdsPart(actual[key], value ?? null))));
}

function nameOf({ object }: Manifest): string {
  return `${object.kind}/${object.metadata.name}`;
}

function find(manifests: readonly Manifest[], name: string): Manifest | undefined {
  return manifests.find((manifest) => nameOf(manifest) === name);
}

/** A text as it is, anything else as JSON. */
function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Differences shown of one snapshot: more hide the first. */
const differencesMax = 10;

/** How objects differ from those of a snapshot: whole ones by name, the others field by field. */
export function differences(actual: readonly Json[], known: Json): readonly string[] {
  const before = new Map((Array.isArray(known) ? (known as readonly Json[]) : []).map((object) => [titleOf(object), object]));
  const now = new Map(actual.map((object) => [titleOf(object), object]));
  const found = [
    ...[...before.keys()].filter((name) => !now.has(name)).map((name) => `${name} is gone`),
    ...[...now].flatMap(([name, object]) => (before.has(name) ? fieldDifferences(object, before.get(name), []).map((text) => `${name} ${text}`) : [`${name} is new`])),
  ];
  if (found.length === 0) return ["the objects stand in another order than in the snapshot"];
  return found.length > differencesMax ? [...found.slice(0, differencesMax), `and ${found.length - differencesMax} more differences`] : found;
}

function titleOf(object: Json): string {
  return `${textOf(readField(object, "kind"))}/${textOf(readField(object, "metadata.name"))}`;
}

function fieldDifferences(actual: Json | undefined, known: Json | undefined, path: readonly (string | number)[]): readonly string[] {
  if (isEqual(actual, known)) return [];
  if (isJsonObject(actual) && isJsonObject(known)) return [...new Set([...Object.keys(actual), ...Object.keys(known)])].flatMap((key) => fieldDifferences(actual[key], known[key], [...path, key]));
  if (Array.isArray(actual) && Array.isArray(known) && actual.length === known.length) return actual.flatMap((item: Json, index) => fieldDifferences(item, known[index] as Json | undefined, [...path, index]));
  const say = (value: Json | undefined): string => (value === undefined ? "absent" : JSON.stringify(value));
  return [`${printFieldPath(path)} is ${say(actual)}, the snapshot has ${say(known)}`];
}
