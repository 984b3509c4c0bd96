import { isIPv4, isIPv6 } from "node:net";

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
