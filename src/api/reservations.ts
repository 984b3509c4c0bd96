import type { StoreEntry } from "../store/store.ts";
import { addressKey, addressOwnerOf, encodeAddress } from "./address-objects.ts";
import { reservationKey } from "./keys.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { Staging } from "./staging.ts";

/** The Service addresses there are, as a block: `127.96.0.0/12`. */
export interface ReservationOptions {
  readonly serviceBlock: string;
  readonly nodePortMin: number;
  readonly nodePortMax: number;
  /** Says where in the pools the search begins: daemons with different seeds on one machine seldom choose the same address for Services of one name. */
  readonly seed?: string;
}

/** Loopback addresses are the machine's own everywhere, so Services need no network set up; 127.96/12 stays clear of 127.0.0.1 and of the pods' addresses. */
export const defaultReservations: ReservationOptions = { serviceBlock: "127.96.0.0/12", nodePortMin: 30_000, nodePortMax: 32_767 };

/** A pool of values of which each has at most one owner at a time. */
export interface Pool {
  /** Its bounds, for people: `127.96.0.0/12`, `30000-32767`. */
  readonly range: string;
  readonly size: number;
  at(index: number): string;
  /** True for a value of this pool. */
  has(value: string): boolean;
  /** Where in the store a value lies while somebody has it: one key each, so that the store itself refuses a second owner. */
  key(value: string): string;
  /** What lies there. */
  encode(value: string, owner: string, facts: RequestFacts): Uint8Array;
  /** Whose it is, by what lies there. */
  ownerIn(entry: Pick<StoreEntry, "value" | "revision">): string;
}

/** The pools of the cluster. */
export interface Reservations {
  /** Those every cluster has. */
  readonly addresses: Pool;
  /** Those of a further block; undefined for what is no block of IPv4. */
  addressesIn(block: string): Pool | undefined;
  readonly nodePorts: Pool;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The pools for these options. Throws for a block that is no IPv4 block. */
export function createReservations(options: ReservationOptions = defaultReservations): Reservations {
  const offset = options.seed === undefined ? 0 : hash(options.seed);
  const portCount = options.nodePortMax - options.nodePortMin + 1;
  const addresses = addressPool(options.serviceBlock, offset);
  if (addresses === undefined) throw new Error(`the service block "${options.serviceBlock}" is not an IPv4 block such as 127.96.0.0/12`);
  return {
    addresses,
    addressesIn: (block) => addressPool(block, offset),
    nodePorts: {
      key: (value) => reservationKey("node-ports", value),
      encode: (_value, owner) => encoder.encode(owner),
      ownerIn: ({ value }) => decoder.decode(value),
      range: `${options.nodePortMin}-${options.nodePortMax}`,
      size: portCount,
      at: (index) => String(options.nodePortMin + (index + offset) % portCount),
      has: (value) => Number(value) >= options.nodePortMin && Number(value) <= options.nodePortMax,
    },
  };
}

/** The addresses of a block of IPv4. They are objects that anybody can list, and make to keep one free. Undefined for any other text, and for fewer than two. */
function addressPool(block: string, offset: number): Pool | undefined {
  const parsed = parseBlock(block);
  if (parsed === undefined) return undefined;
  const { base, size } = parsed;
  // The first address names the block and the last is its broadcast address.
  const addressCount = size - 2;
  return {
    key: addressKey, encode: encodeAddress, ownerIn: addressOwnerOf,
    range: block,
    size: addressCount,
    at: (index) => printAddress(base + 1 + (index + offset) % addressCount),
    has: (value) => { const address = parseAddress(value); return address !== undefined && address > base && address < base + size - 1; },
  };
}

/** The owner of a value, as its reservation says; undefined for a free one. */
export function ownerOf(staging: Staging, pool: Pool, value: string): string | undefined {
  const entry = staging.get(pool.key(value));
  return entry === undefined ? undefined : pool.ownerIn(entry);
}

/** Reserves a value for `owner`: false when another owner has it. The commit is refused when somebody else takes it first. */
export function reserve(staging: Staging, pool: Pool, reservation: { readonly value: string; readonly owner: string }): boolean {
  const holder = ownerOf(staging, pool, reservation.value);
  if (holder !== undefined) return holder === reservation.owner;
  staging.put(pool.key(reservation.value), pool.encode(reservation.value, reservation.owner, staging.facts));
  return true;
}

/**
 * Reserves a free value for `owner`: the same one for the same owner and seed, where it is free, so that a Service that is made anew keeps its address.
 * Undefined when all are taken.
 */
export function reserveAny(staging: Staging, pool: Pool, reservation: { readonly seed: string; readonly owner: string }): string | undefined {
  const start = hash(reservation.seed) % pool.size;
  for (let step = 0; step < pool.size; step++) {
    const value = pool.at((start + step) % pool.size);
    if (ownerOf(staging, pool, value) !== undefined) continue;
    if (reserve(staging, pool, { value, owner: reservation.owner })) return value;
  }
  return undefined;
}

/** Frees a value that `owner` holds; one that is somebody else's stays. */
export function release(staging: Staging, pool: Pool, reservation: { readonly value: string; readonly owner: string }): void {
  if (ownerOf(staging, pool, reservation.value) === reservation.owner) staging.remove(pool.key(reservation.value));
}

function parseBlock(block: string): { readonly base: number; readonly size: number } | undefined {
  const [text = "", bitsText = ""] = block.split("/");
  const base = parseAddress(text);
  const bits = Number(bitsText);
  if (base === undefined || !Number.isInteger(bits) || bits < 1 || bits > 30 || bitsText === "") return undefined;
  const size = 2 ** (32 - bits);
  return { base: base - (base % size), size };
}

function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function printAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** FNV-1a, 32 bits: spreads names over a pool. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of encoder.encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
