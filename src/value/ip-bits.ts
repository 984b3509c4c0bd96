import { ipBitsOf, ipFamilyOf, ipWidths } from "./ip.ts";
import type { IpFamily } from "./ip.ts";

/** An address as a number of 32 or 128 bits. */
export interface IpBits {
  readonly family: IpFamily;
  readonly bits: bigint;
}

/** An address and the length of the prefix that counts. */
export interface IpBlock {
  readonly ip: IpBits;
  readonly length: number;
}

/** Reads an address as Go's netip does, without zones and without IPv4 inside IPv6; undefined for any other text. */
export function parseIp(text: string): IpBits | undefined {
  const family = ipFamilyOf(text);
  if (family === undefined || text.includes("%")) return undefined;
  return family === "IPv6" && text.includes(".") ? undefined : { family, bits: ipBitsOf({ address: text, family }) };
}

/** Reads `10.0.0.0/8`; undefined for any other text. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const found = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const ip = parseIp(found?.[1] ?? "");
  const length = Number(found?.[2]);
  return ip === undefined || length > ipWidths[ip.family] ? undefined : { ip, length };
}

/** Prints an address in its canonical form. @see RFC 5952 */
export function printIp({ family, bits }: IpBits): string {
  if (family === "IPv4") return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_unused, index) => ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const run = longestZeros(groups);
  if (run.length < 2) return groups.join(":");
  return `${groups.slice(0, run.start).join(":")}::${groups.slice(run.start + run.length).join(":")}`;
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
