import { isIPv4, isIPv6 } from "node:net";

export type IpFamily = "IPv4" | "IPv6";

/** Bits of an address. */
export const ipWidths: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };

/** The family of an IP address, or undefined for any other text. */
export function ipFamilyOf(text: string): IpFamily | undefined {
  return isIPv4(text) ? "IPv4" : isIPv6(text) ? "IPv6" : undefined;
}

/** True for addresses of this machine and `localhost`; brackets around IPv6 are allowed. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (address === "localhost" || address.endsWith(".localhost")) return true;
  return ipFamilyOf(address) === "IPv4" ? address.startsWith("127.") || address === "0.0.0.0" : address === "::1" || address === "::" || address.startsWith("::ffff:127.") || address.startsWith("::ffff:7f");
}

/** True for an address and the length of its prefix, `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

/** True when `inner` lies in `outer` and is smaller. False where either is no CIDR. */
export function isWithinCidr(inner: string, outer: string): boolean {
  return parseCidr(inner)?.length !== parseCidr(outer)?.length && isInCidr(inner, outer);
}

/** True for an address or a block whose addresses all lie in `outer`; equal blocks lie in each other. False where either is no such text. */
export function isInCidr(inner: string, outer: string): boolean {
  const [small, large] = [parseCidr(inner.includes("/") ? inner : `${inner}/${ipWidths[ipFamilyOf(inner) ?? "IPv4"]}`), parseCidr(outer)];
  if (small === undefined || large === undefined || small.family !== large.family || small.length < large.length) return false;
  const uncounted = BigInt(ipWidths[large.family] - large.length);
  return ipBitsOf(small) >> uncounted === ipBitsOf(large) >> uncounted;
}

/** The text of an address, known to be one. */
export interface IpText {
  readonly address: string;
  readonly family: IpFamily;
}

interface Cidr extends IpText {
  readonly length: number;
}

function parseCidr(text: string): Cidr | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = ipFamilyOf(address);
  if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > ipWidths[family]) return undefined;
  return { address, family, length: Number(length) };
}

/** An address as a number, its zone left out. */
export function ipBitsOf({ address, family }: IpText): bigint {
  if (family === "IPv4") return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  // An IPv4 address at the end stands for two groups.
  const hex = address.replace(/%.*$/, "").replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) => `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`);
  const [head = "", tail = ""] = hex.split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => "0"), ...last];
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
