import { pooledBytes } from "../value/byte-pool.ts";

/** What differs between objects that are made from one template. */
export interface Particulars {
  readonly name: string;
  readonly uid: string;
  /** RFC 3339, of the object's creation. */
  readonly time: string;
}

/** The text of an object with places for its particulars, as bytes between them. */
export interface ObjectForm {
  /** One more than there are places. */
  readonly literals: readonly Uint8Array[];
  readonly places: readonly (keyof Particulars)[];
  /** Of all literals together. */
  readonly literalBytes: number;
}

/** Stand for the particulars while a form is made. No text of an object is likely to hold them; one that does only gets no form. */
export const marks: Particulars = { name: "<particular:name>", uid: "<particular:uid>", time: "<particular:time>" };

const nothing = new Uint8Array(0);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The form of a text in which marks stand for the particulars; undefined where they do not stand as often as told. */
export function formOf(marked: Uint8Array, counts: Readonly<Record<keyof Particulars, number>>): ObjectForm | undefined {
  const parts = decoder.decode(marked).split(/<particular:(name|uid|time)>/);
  const literals = parts.filter((_part, index) => index % 2 === 0).map((text) => encoder.encode(text));
  const places = parts.filter((_part, index) => index % 2 === 1).filter((place): place is keyof Particulars => place in counts);
  const isWhole = Object.entries(counts).every(([place, count]) => places.filter((other) => other === place).length === count);
  return isWhole ? { literals, places, literalBytes: literals.reduce((sum, { length }) => sum + length, 0) } : undefined;
}

/** A form with its places filled. Particulars are ASCII that JSON writes as it is. */
export function fillForm({ literals, places, literalBytes }: ObjectForm, particulars: Particulars): Uint8Array {
  const bytes = pooledBytes(places.reduce((sum, place) => sum + particulars[place].length, literalBytes));
  let at = 0;
  for (let index = 0; index < literals.length; index++) {
    const literal = literals[index] ?? nothing;
    bytes.set(literal, at);
    at += literal.length;
    const place = places[index];
    if (place === undefined) break;
    const text = particulars[place];
    for (let letter = 0; letter < text.length; letter++) bytes[at++] = text.charCodeAt(letter);
  }
  return bytes;
}
