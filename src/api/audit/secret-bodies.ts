import type { Kind } from "../../model/kind.ts";

/** Parts whose bodies hold tokens, or anything a program writes. */
const secretSubresources: ReadonlySet<string> = new Set(["token", "log", "exec", "attach", "portforward", "proxy"]);

/** True where a request's or an answer's body may hold what nobody but its reader should see. */
export function hasSecretBodies(kind: Kind, subresource: string | undefined): boolean {
  return kind.secretPaths !== undefined || (subresource !== undefined && secretSubresources.has(subresource));
}
