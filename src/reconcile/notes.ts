import type { Manifest } from "../render/render.ts";
import { isJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";
import { hiddenValue } from "./tracking.ts";

/** Longer notes are a manual. */
const notesLengthMax = 8_192;

/** Shorter values of Secrets are words such as `admin`, which stand in any text. */
const secretLengthMin = 6;

/** A chart's notes as everybody may read them: values of its own Secrets are not shown. */
export function withoutSecrets(notes: string, manifests: readonly Manifest[]): string {
  const values = manifests.filter(({ object }) => object.kind === "Secret" && object.apiVersion === "v1").flatMap(({ object }) => [...decoded(object["data"]), ...texts(object["stringData"])]);
  const found = values.filter((value) => value.length >= secretLengthMin && notes.includes(value)).toSorted((a, b) => b.length - a.length);
  return found.reduce((text, value) => text.replaceAll(value, hiddenValue), notes).slice(0, notesLengthMax);
}

function decoded(data: unknown): readonly string[] {
  return texts(data).flatMap((text) => [text, Buffer.from(text, "base64").toString("utf8")]);
}

function texts(data: unknown): readonly string[] {
  const map: JsonObject = isJsonObject(data) ? data : {};
  return Object.values(map).filter((value) => typeof value === "string");
}
