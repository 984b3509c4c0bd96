import { parseJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { disconnect } from "./cluster.ts";

/** A refusal of the daemon, in its own words. */
export class DaemonError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Where one object lies in the API. */
export interface ObjectAddress {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

/** The API path of an object. */
export function pathOf({ group, version, plural, namespace, name }: ObjectAddress): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespace === "" ? "" : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}/${encodeURIComponent(name)}`;
}

/** Asks the daemon; throws DaemonError. */
export async function ask(path: string, options: { readonly method?: string; readonly body?: Json; readonly contentType?: string; readonly signal?: AbortSignal } = {}): Promise<Response> {
  const { method = "GET", body, contentType = "application/json", signal } = options;
  const answer = await fetch(path, {
    method, headers: { "x-capstan-request": "1", ...(body === undefined ? {} : { "content-type": contentType }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => { throw signal?.aborted === true ? error : new DaemonError(0, "the daemon cannot be reached"); });
  if (answer.ok) return answer;
  if (answer.status === 401 && path !== "/session") disconnect();
  const text = await answer.text();
  throw new DaemonError(answer.status, messageOf(text) ?? (text === "" ? `the daemon answered ${answer.status}` : text));
}

/** Reads JSON; the caller says what it is. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await ask(path, signal === undefined ? {} : { signal });
  return await answer.json() as T;
}

/** Puts annotations on an application: how a person tells the reconciler what to do. */
export async function annotate(application: { readonly namespace: string; readonly name: string }, annotations: Readonly<Record<string, string>>): Promise<void> {
  const path = pathOf({ group: "capstan.dev", version: "v1", plural: "applications", ...application });
  await ask(path, { method: "PATCH", body: { metadata: { annotations } }, contentType: "application/merge-patch+json" });
}

function messageOf(text: string): string | undefined {
  const message = parseJsonObject(text)?.["message"];
  return typeof message === "string" ? message : undefined;
}
