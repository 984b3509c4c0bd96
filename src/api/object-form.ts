import { pooledBytes } from "../value/byte-pool.ts";

/** What differs between objects that are made from one template. */
export interface Particulars {
  readonly name: string;
  readonly uid: string;
  /** RFC 3339, of the object's creation. */
  readonly time: string;
  /** The free texts, in the order in which they stand in the object as sent. */
  readonly texts: readonly string[];
}

/** A place for a particular: its name, or a text's index. */
type Place = Exclude<keyof Particulars, "texts"> | number;

/** The text of an object with places for its particulars, as bytes between them. */
export interface ObjectForm {
  /** One more than there are places. */
  readonly literals: readonly Uint8Array[];
  readonly places: readonly Place[];
  /** Of all literals together. */
  readonly literalBytes: number;
}

/** Stands for a particular while a form is made. No text of an object is likely to hold one; an object that does only gets no form. */
export function markOf(place: Place): string {
  return `<particular:${place}>`;
}

/** True for a text that JSON writes as it is, one byte for each letter, and that is no longer than it is worth. An empty one may not be written at all. */
export function isPlainText(text: string): boolean {
  return text.length <= plainTextLengthMax && /^[ !#-[\]-~]+$/.test(text);
}

/** Longest free text: far more than an environment holds, and written letter by letter in less time than the object takes otherwise. */
const plainTextLengthMax = 1_024;

const nothing = new Uint8Array(0);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The form of a text in which marks stand for the particulars; undefined where they do not stand as often as told, and each text once. */
export function formOf(marked: Uint8Array, counts: Readonly<Record<"name" | "uid" | "time" | "texts", number>>): ObjectForm | undefined {
  const parts = decoder.decode(marked).split(/<particular:(name|uid|time|\d+)>/);
  const literals = parts.filter((_part, index) => index % 2 === 0).map((text) => encoder.encode(text));
  const places = parts.filter((_part, index) => index % 2 === 1).map(placeOf);
  const count = (place: Place) => places.filter((other) => other === place).length;
  const isWhole = (["name", "uid", "time"] as const).every((place) => count(place) === counts[place]) && Array.from({ length: counts.texts }, (_text, index) => count(index)).every((times) => times === 1);
  return isWhole && places.length === counts.name + counts.uid + counts.time + counts.texts ? { literals, places, literalBytes: literals.reduce((sum, { length }) => sum + length, 0) } : undefined;
}

function placeOf(text: string): Place {
  return text === "name" || text === "uid" || text === "time" ? text : Number(text);
}

/** A form with its places filled. Particulars are plain. */
export function fillForm({ literals, places, literalBytes }: ObjectForm, particulars: Particulars): Uint8Array {
  let sizeBytes = literalBytes;
  for (const place of places) sizeBytes += particularAt(particulars, place).length;
  const bytes = pooledBytes(sizeBytes);
  let at = 0;
  for (let index = 0; index < literals.length; index++) {
    const literal = literals[index] ?? nothing;
    bytes.set(literal, at);
    at += literal.length;
    const place = places[index];
    if (place === undefined) break;
    const text = particularAt(particulars, place);
    for (let letter = 0; letter < text.length; letter++) bytes[at++] = text.charCodeAt(letter);
  }
  return bytes;
}

function particularAt(particulars: Particulars, place: Place): string {
  return typeof place === "number" ? particulars.texts[place] ?? "" : particulars[place];
}
