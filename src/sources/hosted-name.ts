/** Names of hosted repositories are one DNS label, as names of Kubernetes objects: they are folders, URLs and objects at once. @see RFC 1123 */
const nameLengthMax = 63;

/** True for a name a hosted repository may have. */
export function isHostedName(name: string): boolean {
  return name.length <= nameLengthMax && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(name);
}

/** Applications name a hosted repository so: the address holds whatever host and port the daemon listens on. */
const hostedScheme = "capstan://";

/** The address of a hosted repository in an application's `repoURL`. */
export function printHostedUrl(name: string): string {
  return `${hostedScheme}${name}`;
}

/** The hosted repository a URL names: `capstan://demo`, one below the daemon's own addresses, or the path alone (`/git/demo.git`). */
export function parseHostedUrl(url: string, origins: readonly string[]): string | undefined {
  if (url.startsWith(hostedScheme)) {
    const name = url.slice(hostedScheme.length).replace(/\/+$/u, "").replace(/\.git$/u, "");
    return isHostedName(name) ? name : undefined;
  }
  const path = url.startsWith("/") ? url : pathBelow(url, origins);
  const name = /^\/git\/([^/]+?)(?:\.git)?\/?$/u.exec(path ?? "")?.[1];
  return name !== undefined && isHostedName(name) ? name : undefined;
}

function pathBelow(url: string, origins: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return origins.some((origin) => URL.canParse(origin) && new URL(origin).origin === parsed.origin) ? parsed.pathname : undefined;
}
