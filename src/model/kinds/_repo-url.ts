import { isLoopback } from "../../value/ip.ts";
import { checkDnsLabel } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";

/** The scheme of repositories this daemon hosts: `capstan://NAME`. */
export const hostedScheme = "capstan://";

/** Longer addresses are refused; servers refuse them too. */
const urlLengthMax = 2_048;

/** Which addresses are taken. */
export interface RepoUrlRules {
  readonly path: string;
  /** `capstan://NAME` is taken. */
  readonly isHostedAllowed: boolean;
  /** Addresses without TLS or of this machine are taken. */
  readonly isInsecureAllowed: boolean;
  /** `oci://HOST/PATH`, a registry of charts, is taken. */
  readonly isRegistryAllowed?: boolean;
}

/** Checks a repository's address: its scheme, that it holds no credentials, and that it is whole. The value shown never holds a password. */
export function checkRepoUrl(value: string, { path, isHostedAllowed, isInsecureAllowed, isRegistryAllowed = false }: RepoUrlRules): readonly FieldError[] {
  const shown = value.replace(/\/\/[^/@]*@/, "//***@");
  const invalid = (detail: string): readonly FieldError[] => [{ type: "Invalid", path, value: shown, detail }];
  if (value.length > urlLengthMax) return [{ type: "TooLong", path, detail: `may not be more than ${urlLengthMax} bytes` }];
  // A URL's parser drops line breaks and turns backslashes, so what is asked would not be what is shown.
  if (/[\s\p{Cc}\\]/u.test(value)) return invalid("must not contain spaces, line breaks, control characters or backslashes");
  if (value.startsWith(hostedScheme)) {
    if (!isHostedAllowed) return invalid("is an address of this daemon: set `hosted: true` instead");
    return checkDnsLabel(value.slice(hostedScheme.length)).flatMap(invalid);
  }
  if (isRegistryAllowed && value.startsWith("oci://")) return checkRepoUrl(value.replace("oci:", "https:"), { path, isHostedAllowed: false, isInsecureAllowed });
  if (!/^https?:\/\//.test(value)) return invalid(`must begin with https://${isInsecureAllowed ? ", http://" : ""}${isHostedAllowed ? " or capstan://" : ""}`);
  if (!URL.canParse(value)) return invalid("is not a valid URL");
  const url = new URL(value);
  if (url.username !== "" || url.password !== "") return invalid("must not contain credentials: put them into a Secret and name it in the Repository's `secretRef`");
  if (url.search !== "" || url.hash !== "") return invalid("must not have a query or fragment");
  if (isInsecureAllowed) return [];
  if (url.protocol === "http:") return invalid("is not encrypted: use https:// or set `insecure: true`");
  return isLoopback(url.hostname) ? invalid("is an address of this machine: set `insecure: true` to allow it") : [];
}
