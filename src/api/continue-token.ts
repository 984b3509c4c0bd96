import { ApiError } from "../model/api-error.ts";
import { parseJsonObject } from "../value/json.ts";
import { badRequest } from "./errors.ts";

/** Where a list goes on. */
export interface ContinuePlace {
  /** The revision of the first page; undefined goes on at the newest one, which makes the whole list inconsistent. */
  readonly revision: number | undefined;
  /** The last key of the page before. */
  readonly after: string;
}

/** The version upstream writes into its tokens. */
const tokenVersion = "meta.k8s.io/v1";

/** The revision of a token that goes on at the newest one. */
const anyRevision = -1;

/** The token of a place in the list of `prefix`; base64url of the JSON that upstream writes (storage/continue.go). */
export function printContinue({ revision, after, prefix }: ContinuePlace & { readonly prefix: string }): string {
  const json = JSON.stringify({ v: tokenVersion, rv: revision ?? anyRevision, start: `${after.slice(prefix.length)}\0` });
  return Buffer.from(json, "utf8").toString("base64url");
}

/** Reads a token. Throws BadRequest for one this server did not write. */
export function parseContinue(token: string, prefix: string): ContinuePlace {
  const value = parseJsonObject(Buffer.from(token, "base64url").toString("utf8"));
  if (value?.["v"] !== tokenVersion) throw unreadable("server does not recognize this encoded version");
  const { rv, start } = value;
  if (typeof rv !== "number" || rv === 0) throw unreadable("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "" || start.split("/").includes("..")) throw unreadable("encoded start key empty or not valid (version meta.k8s.io/v1)");
  return { revision: rv === anyRevision ? undefined : rv, after: `${prefix}${start.endsWith("\0") ? start.slice(0, -1) : start}` };
}

/** The list's revision is gone; the answer's own token goes on at the newest one. */
export function continueExpired({ after, prefix }: { readonly after: string; readonly prefix: string }): ApiError {
  const message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
    + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - "
    + "objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
  return new ApiError("Expired", message, { continue: printContinue({ revision: undefined, after, prefix }) });
}

function unreadable(why: string): ApiError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
