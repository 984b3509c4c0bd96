import type { Environment } from "../engine.ts";

/** An absolute URL, or an absolute path. */
class CelUrl {
  readonly scheme: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;

  constructor(parts: readonly (string | undefined)[]) {
    [, this.scheme = "", this.host = "", this.path = "", this.query = ""] = parts;
    const { hostname = "", port = "" } = /^(?<hostname>\[[^\]]*\]|[^:]*)(?::(?<port>\d*))?$/.exec(this.host)?.groups ?? {};
    this.hostname = hostname.replace(/^\[(.*)\]$/, "$1");
    this.port = port;
  }
}

function parseUrl(text: string): CelUrl | undefined {
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:[^@/?#]*@)?([^/?#\s]*))?(\/[^?#\s]*)?(?:\?([^#\s]*))?$/.exec(text);
  if (parts === null || /%(?![0-9A-Fa-f]{2})/.test(text) || (parts[1] === undefined && !text.startsWith("/"))) return undefined;
  const [, scheme = "", host = ""] = parts;
  return scheme !== "" && /[^\w.:[\]%~-]/.test(host) ? undefined : new CelUrl([...parts].map((part, index) => (index === 1 ? part?.toLowerCase() : part)));
}

/** @see kubernetes apiserver pkg/cel/library/urls.go */
export function registerUrls(environment: Environment): void {
  environment
    .registerType("kubernetes.URL", { ctor: CelUrl })
    .registerFunction("url(string): kubernetes.URL", (text: string) => {
      const parsed = parseUrl(text);
      if (parsed === undefined) throw new Error(`URL parse error during conversion from string: parse "${text}": invalid URI for request`);
      return parsed;
    })
    .registerFunction("isURL(string): bool", (text: string) => parseUrl(text) !== undefined)
    .registerFunction("kubernetes.URL.getScheme(): string", ({ scheme }: CelUrl) => scheme)
    .registerFunction("kubernetes.URL.getHost(): string", ({ host }: CelUrl) => host)
    .registerFunction("kubernetes.URL.getHostname(): string", ({ hostname }: CelUrl) => hostname)
    .registerFunction("kubernetes.URL.getPort(): string", ({ port }: CelUrl) => port)
    .registerFunction("kubernetes.URL.getEscapedPath(): string", ({ path }: CelUrl) => path)
    .registerFunction("kubernetes.URL.getQuery(): map<string, list<string>>", ({ query }: CelUrl) => {
      const members: Record<string, string[]> = {};
      for (const [name, value] of new URLSearchParams(query)) if (name !== "__proto__") (members[name] ??= []).push(value);
      return members;
    });
}
