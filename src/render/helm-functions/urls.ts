import { FunctionFault } from "../fault.ts";
import { goFunction, renamed } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";
import { goMap } from "../template/value.ts";
import type { GoMap } from "../template/value.ts";
import { textOf } from "./convert.ts";

const base = goFunction("base", ["string"], ([path]) => (path === "" ? "." : /^\/+$/.test(path) ? "/" : path.replace(/\/+$/, "").replace(/^.*\//s, "")));
const dir = goFunction("dir", ["string"], ([path]) => cleanPath(path.slice(0, path.lastIndexOf("/") + 1)));
const clean = goFunction("clean", ["string"], ([path]) => cleanPath(path));
const ext = goFunction("ext", ["string"], ([path]) => /\.[^./]*$/.exec(path)?.[0] ?? "");
const isAbs = goFunction("isAbs", ["string"], ([path]) => path.startsWith("/"));

/** Paths and URLs, as Sprig. Nothing is looked up in the network: `getHostByName` answers nothing, as in Helm. */
export const urlFunctions: readonly GoFunction[] = [
  base, renamed("osBase", base), dir, renamed("osDir", dir), clean, renamed("osClean", clean), ext, renamed("osExt", ext), isAbs, renamed("osIsAbs", isAbs),
  goFunction("urlParse", ["string"], ([text]) => parseUrl(text)),
  goFunction("urlJoin", ["map"], ([parts]) => joinUrl(parts)),
  goFunction("getHostByName", ["string"], () => ""),
];

/** The shortest path that means the same. */
function cleanPath(path: string): string {
  const isRooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!isRooted) parts.push("..");
  }
  const joined = parts.join("/");
  return isRooted ? `/${joined}` : joined === "" ? "." : joined;
}

const urlShape = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

function parseUrl(text: string): GoMap {
  const match = urlShape.exec(text);
  // oxlint-disable-next-line no-control-regex -- Go refuses control characters
  if (match === null || /[\u0000-\u001f\u007f]/.test(text)) throw new FunctionFault(`unable to parse url: parse ${JSON.stringify(text)}: invalid control character in URL`);
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = match;
  const isOpaque = scheme !== "" && match[2] === undefined && path !== "" && !path.startsWith("/");
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const hostname = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.replace(/:\d*$/, "");
  return goMap([
    ["scheme", scheme.toLowerCase()], ["host", host], ["hostname", hostname], ["path", isOpaque ? "" : decodePercent(path)],
    ["query", query], ["opaque", isOpaque ? path : ""], ["fragment", decodePercent(fragment)], ["userinfo", at < 0 ? "" : authority.slice(0, at)],
  ]);
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new FunctionFault(`unable to parse url: invalid URL escape in ${JSON.stringify(text)}`);
  }
}

function joinUrl(parts: GoMap): string {
  const part = (name: string): string => (parts[name] === undefined || parts[name] === null ? "" : textOf(parts[name]));
  const scheme = part("scheme");
  const host = part("host");
  const userinfo = part("userinfo");
  const opaque = part("opaque");
  const tail = (part("query") === "" ? "" : `?${part("query")}`) + (part("fragment") === "" ? "" : `#${encodePercent(part("fragment"))}`);
  const front = scheme === "" ? "" : `${scheme}:`;
  if (opaque !== "") return front + opaque + tail;
  const path = encodePercent(part("path"));
  const hasAuthority = host !== "" || userinfo !== "" || scheme !== "";
  const authority = hasAuthority && (host !== "" || userinfo !== "" || path !== "" ) ? `//${userinfo === "" ? "" : `${userinfo}@`}${host}` : "";
  return front + authority + (path !== "" && !path.startsWith("/") && host !== "" ? "/" : "") + path + tail;
}

function encodePercent(text: string): string {
  return encodeURI(text).replaceAll("#", "%23").replaceAll("?", "%3F");
}
