import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../model/kinds.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { groupVersionsOf } from "./discovery.ts";
import { openApiOf, openApiTextSteps } from "./openapi-document.ts";
import { takeInTurns } from "../in-turns.ts";

/** Schemas of every group's document, by name. */
function schemasOf(document: JsonObject): readonly (readonly [string, JsonObject])[] {
  const { components } = document;
  const schemas = isJsonObject(components) ? components["schemas"] : undefined;
  return isJsonObject(schemas) ? Object.entries(schemas).flatMap(([name, schema]) => (isJsonObject(schema) ? [[name, schema] as const] : [])) : [];
}

const schemas: ReadonlyMap<string, JsonObject> = new Map(groupVersionsOf(kinds).flatMap((group) => schemasOf(openApiOf(group.kinds, "test"))));

/** Every schema and every property of every schema, with what is said of it. */
const told = [...schemas].flatMap(([name, schema]) => [
  { place: name, of: name, text: schema["description"] },
  ...Object.entries(isJsonObject(schema["properties"]) ? schema["properties"] : {})
    .map(([key, property]) => ({ place: `${name}.${key}`, of: key, text: isJsonObject(property) ? property["description"] : undefined })),
]);

/** Schemas that only say which JSON a value is. */
const isValue = ({ place }: { readonly place: string }) => { const schema = schemas.get(place); return schema !== undefined && schema["type"] !== "object"; };

/** A text that is longer is no answer for a terminal. */
const textLengthMax = 220;

test("every kind that is served, every part of it and every field has a text for `kubectl explain`", () => {
  assert.ok(told.length > 3000, `only ${told.length} places`);
  assert.deepEqual(told.filter((entry) => typeof entry.text !== "string" && !isValue(entry)).map(({ place }) => place), []);
});

test("no text of `kubectl explain` is empty, the name again, or longer than a few lines", () => {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, "");
  const isNameAgain = (of: string, text: string) => ["", "the", "its", "a"].some((article) => letters(text) === `${article}${letters(of)}`);
  const wrong = told.flatMap(({ place, of, text }) => (typeof text === "string" && (text.length > textLengthMax || !text.endsWith(".") || isNameAgain(of, text)) ? [`${place}: ${text}`] : []));
  assert.deepEqual(wrong, []);
});

test("a field does not say again what its type says: kubectl shows both", () => {
  const wrong = [...schemas].flatMap(([name, schema]) => Object.entries(isJsonObject(schema["properties"]) ? schema["properties"] : {}).flatMap(([key, property]) => {
    const type = /"#\/components\/schemas\/([^"]+)"/.exec(JSON.stringify(property))?.[1];
    const ofType = type === undefined ? undefined : schemas.get(type)?.["description"];
    return isJsonObject(property) && ofType !== undefined && property["description"] === ofType ? [`${name}.${key}`] : [];
  }));
  assert.deepEqual(wrong, []);
});

test("a document made in turns is the same text, and no turn makes more than a few schemas of it", async () => {
  for (const { kinds: members } of groupVersionsOf(kinds)) {
    assert.equal(await takeInTurns(openApiTextSteps(members, "test")), JSON.stringify(openApiOf(members, "test")));
  }
});
