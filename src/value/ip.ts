import { BlockList, isIPv4, isIPv6 } from "node:net";

export type IpFamily = "IPv4" | "IPv6";

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
  const [small, large] = [parseCidr(inner), parseCidr(outer)];
  if (small === undefined || large === undefined || small.family !== large.family || small.length <= large.length) return false;
  const block = new BlockList();
  block.addSubnet(large.address, large.length, large.family);
  return block.check(small.address, small.family);
}

interface Cidr {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly length: number;
}

function parseCidr(text: string): Cidr | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = ipFamilyOf(address);
  if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > (family === "IPv4" ? 32 : 128)) return undefined;
  return { address, family: family === "IPv4" ? "ipv4" : "ipv6", length: Number(length) };
}
