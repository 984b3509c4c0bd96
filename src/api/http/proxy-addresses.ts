/** Whose addresses a proxied answer may name as its own. */
export interface ProxiedPlace {
  /** The proxy's path up to and with `/proxy`: what is put in front of a path. */
  readonly prefix: string;
  /** Hosts that mean the proxied server itself. */
  readonly hosts: ReadonlySet<string>;
}

/** An address taken apart (RFC 3986, appendix B). */
const addressPattern = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s;

/**
 * The address under which a client finds through the proxy what a proxied server calls by its own. Of other hosts, relative ones and those that
 * lead through the proxy already stay as they are. Pure.
 *
 * @see kubernetes apimachinery pkg/util/proxy/transport.go rewriteURL
 */
export function rewriteAddress(address: string, { prefix, hosts }: ProxiedPlace): string {
  const [, host = "", path = "", rest = ""] = addressPattern.exec(address) ?? [];
  if (!path.startsWith("/") || (host !== "" && !hosts.has(host))) return address;
  return `${path.startsWith(prefix) ? "" : prefix}${path}${rest}`;
}
