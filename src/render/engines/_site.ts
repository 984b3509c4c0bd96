import { parsePlace } from "../place.ts";
import type { Place } from "../render.ts";

/** Where an expression stands and how it was written: baked into compiled templates as one text. */
export interface Site {
  readonly place: Place;
  /** The expression, or for a call its arguments, as written. */
  readonly texts: readonly string[];
}

const separator = "\u0001";

/** `file:line:column` and the written texts, in one text. */
export function printSite(place: string, texts: readonly string[]): string {
  return [place, ...texts].join(separator);
}

/** `file:line:column` of a printed site. */
export function placeOfSite(site: string): string {
  const end = site.indexOf(separator);
  return end < 0 ? site : site.slice(0, end);
}

/** Takes a printed site apart. */
export function parseSite(site: string): Site {
  const [place = "", ...texts] = site.split(separator);
  return { place: parsePlace(place), texts };
}
