/** What a registry asks for with 401. @see distribution specification, "Token Authentication" */
export type Challenge = { readonly kind: "basic" } | { readonly kind: "bearer"; readonly url: string };

/** Reads a `WWW-Authenticate` header; undefined for what is not known here. */
export function readChallenge(header: string, registry: string): Challenge | undefined {
  if (/^basic\b/i.test(header)) return { kind: "basic" };
  if (!/^bearer\b/i.test(header)) return undefined;
  const values = Object.fromEntries(Array.from(header.matchAll(/([a-z_]+)="([^"]*)"/gi), ([, name = "", value = ""]) => [name.toLowerCase(), value]));
  const { realm = "", service, scope } = values;
  if (!URL.canParse(realm, registry)) return undefined;
  const url = new URL(realm, registry);
  if (service !== undefined) url.searchParams.set("service", service);
  if (scope !== undefined) url.searchParams.set("scope", scope);
  return { kind: "bearer", url: url.href };
}

/** Whether a password may be sent where tokens are given: the registry's own host or one of the same domain, and never from https to http. */
export function mayHaveCredentials(registry: string, realm: string): boolean {
  const a = new URL(registry);
  const b = new URL(realm);
  if (b.protocol !== "https:" && a.protocol === "https:") return false;
  return a.hostname === b.hostname || (b.protocol === "https:" && domainOf(a.hostname) === domainOf(b.hostname) && !/^[\d.:[\]]+$/.test(a.hostname));
}

function domainOf(host: string): string {
  return host.split(".").slice(-2).join(".");
}
