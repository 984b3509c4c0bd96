/** Every answer of the page carries these: nothing from elsewhere is loaded, nothing may frame it, nothing is guessed. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
};

/** A page's own requests carry it: another site's cannot, since no CORS answer allows it. */
export const requestHeader = "x-capstan-request";

/** True for addresses only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host) || host.endsWith(".localhost");
}

/**
 * True when a page on loopback was asked for by a name of this machine: a foreign name that resolves to 127.0.0.1 (DNS rebinding) is refused.
 * A server that listens elsewhere is reached by names it cannot know; its cookies belong to those names.
 */
export function isHostAllowed(header: string | undefined, options: { readonly listenHost: string; readonly ownOrigin?: string | undefined }): boolean {
  if (!isLoopbackHost(options.listenHost)) return true;
  const host = hostOf(header ?? "");
  if (host === undefined) return false;
  if (isLoopbackHost(host)) return true;
  return options.ownOrigin !== undefined && URL.canParse(options.ownOrigin) && new URL(options.ownOrigin).hostname === host;
}

function hostOf(header: string): string | undefined {
  const found = /^(\[[0-9a-fA-F:]+\]|[^:/?#@\s]+)(?::\d{1,5})?$/.exec(header);
  return found?.[1]?.toLowerCase();
}

/** The value of a cookie; undefined when the header has none of that name. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** What a request says of where it comes from. */
export interface RequestOrigin {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** True when a writing request comes from the page itself: it has the page's own header, and the browser does not call it foreign. */
export function isOwnWrite({ method, headers }: RequestOrigin): boolean {
  if (method === "GET" || method === "HEAD") return true;
  const site = headers["sec-fetch-site"];
  return headers[requestHeader] === "1" && (site === undefined || site === "same-origin");
}
