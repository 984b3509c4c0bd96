import { isJsonObject, parseJsonObject } from "../value/json.ts";
import type { JsonObject } from "../value/json.ts";

/** What chance, the clock and the cluster said to the templates of one application: kept, so that a second render is byte-equal and an upgrade keeps its passwords. */
export interface Pins {
  /** Random; all that templates take for chance is derived from it. Secret. */
  readonly seed: string;
  /** What the clock says to call sites without a pin of their own. */
  readonly nowMs: number;
  /** Grows whenever a pin is renewed or dropped: a call site that comes back is a new one. */
  readonly epoch: number;
  /** By call site, `templates/secret.yaml: randAlphaNum 16`. */
  readonly sites: { readonly [site: string]: SitePin };
  /** What `lookup` found, by its query; null for nothing. Secret. */
  readonly lookups: { readonly [query: string]: JsonObject | null };
}

/** The pin of one call site. */
export interface SitePin {
  readonly epoch: number;
  readonly nowMs: number;
}

/** How the call site of a lookup begins; its query follows. */
const lookupPrefix = "lookup ";

/** Pins of an application that has none yet. */
export function newPins(seed: string, nowMs: number): Pins {
  return { seed, nowMs, epoch: 0, sites: {}, lookups: {} };
}

/** The pins with every call site of a render in them. */
export function withSites(pins: Pins, used: readonly string[]): Pins {
  const added = used.filter((site) => !site.startsWith(lookupPrefix) && !Object.hasOwn(pins.sites, site));
  return added.length === 0 ? pins : { ...pins, sites: { ...pins.sites, ...Object.fromEntries(added.map((site) => [site, { epoch: pins.epoch, nowMs: pins.nowMs }])) } };
}

/** The pins without those of call sites that are gone. */
export function withoutUnused(pins: Pins, used: readonly string[]): Pins {
  const kept = new Set(used);
  const sites = Object.entries(pins.sites).filter(([site]) => kept.has(site));
  const lookups = Object.entries(pins.lookups).filter(([query]) => kept.has(lookupPrefix + query));
  if (sites.length === Object.keys(pins.sites).length && lookups.length === Object.keys(pins.lookups).length) return pins;
  return { ...pins, epoch: pins.epoch + 1, sites: Object.fromEntries(sites), lookups: Object.fromEntries(lookups) };
}

/** Every call site that has a pin. */
export function sitesOf(pins: Pins): readonly string[] {
  return [...Object.keys(pins.sites), ...Object.keys(pins.lookups).map((query) => lookupPrefix + query)].toSorted();
}

/** The pins with those of `sites` renewed: what chance says there is new, the clock says now, and the cluster is asked again. Sites without a pin are left out. */
export function rotate(pins: Pins, sites: readonly string[], nowMs: number): Pins {
  const epoch = pins.epoch + 1;
  const renewed = sites.filter((site) => Object.hasOwn(pins.sites, site)).map((site) => [site, { epoch, nowMs }] as const);
  const lookups = Object.entries(pins.lookups).filter(([query]) => !sites.includes(lookupPrefix + query));
  return { ...pins, epoch, sites: { ...pins.sites, ...Object.fromEntries(renewed) }, lookups: Object.fromEntries(lookups) };
}

/** Most bytes of an application's pins: what lookups found is most of it, and a Secret takes a megabyte. */
export const pinsSizeMaxBytes = 512 * 1024;

/** Reads stored pins; undefined for what are none. */
export function parsePins(text: string): Pins | undefined {
  const value = parseJsonObject(text);
  if (value === undefined) return undefined;
  const { seed, nowMs, epoch, sites, lookups } = value;
  if (typeof seed !== "string" || typeof nowMs !== "number" || typeof epoch !== "number" || !isJsonObject(sites) || !isJsonObject(lookups)) return undefined;
  return {
    seed, nowMs, epoch,
    sites: Object.fromEntries(Object.entries(sites).flatMap(([site, pin]) => (isJsonObject(pin) && typeof pin["epoch"] === "number" && typeof pin["nowMs"] === "number" ? [[site, { epoch: pin["epoch"], nowMs: pin["nowMs"] }] as const] : []))),
    lookups: Object.fromEntries(Object.entries(lookups).flatMap(([query, found]) => (isJsonObject(found) || found === null ? [[query, found] as const] : []))),
  };
}
