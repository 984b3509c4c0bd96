import type { JsonObject } from "../../value/json.ts";
import { parseFlag } from "./request-options.ts";

/** Options of connections that are told by name alone, or by number. */
const flags = ["stdin", "stdout", "stderr", "tty"] as const;

/** The query as it would have been had these options been asked for. Pure. */
export function withOptions(query: URLSearchParams, options: JsonObject): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const name of [...flags, "container", "command", "ports"]) changed.delete(name);
  for (const [name, value] of Object.entries(options)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) changed.append(name, String(one));
  }
  return changed;
}

/** What a connection is asked with, as PodExecOptions and their like have it. Pure. @see kubernetes core/v1 */
export function connectOptions(subresource: string, query: URLSearchParams, proxyPath?: string): JsonObject {
  switch (subresource) {
    case "exec": case "attach": return {
      ...Object.fromEntries(flags.flatMap((name) => (parseFlag(query, name) === true ? [[name, true]] : []))),
      ...(query.get("container") === null ? {} : { container: query.get("container") }), ...(query.has("command") ? { command: query.getAll("command") } : {}),
    };
    case "portforward": return query.has("ports") ? { ports: query.getAll("ports").map(Number).filter(Number.isSafeInteger) } : {};
    default: return proxyPath === undefined ? {} : { path: proxyPath };
  }
}
