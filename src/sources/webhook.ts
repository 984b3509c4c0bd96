import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";

/** Headers with lower-case names, as node:http gives them. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

/** What a verified webhook says. */
export type WebhookEvent =
  | { readonly kind: "push"; readonly urls: readonly string[]; readonly branches: readonly string[] }
  | { readonly kind: "ignored"; readonly reason: string };

/** One host's webhooks, as a frozen value; all functions are pure. */
export interface WebhookProvider {
  readonly name: string;
  /** True for a request in this provider's form. */
  recognises(headers: WebhookHeaders): boolean;
  /** True when the request was made by someone who knows the secret. Looks at bytes only: nothing is parsed before. */
  verify(headers: WebhookHeaders, body: Uint8Array, secret: string): boolean;
  parse(headers: WebhookHeaders, payload: JsonObject): WebhookEvent;
}

/** The value at a path of a payload, or undefined. */
export function valueAt(payload: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at: Json | undefined = payload;
  for (const name of path) at = isJsonObject(at) ? at[name] : undefined;
  return at;
}

/** The text at a path of a payload, or undefined. */
export function textAt(payload: Json | undefined, ...path: readonly string[]): string | undefined {
  const value = valueAt(payload, ...path);
  return typeof value === "string" ? value : undefined;
}

/** The list at a path of a payload; empty when there is none. */
export function listAt(payload: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const value = valueAt(payload, ...path);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A push event without the gaps. */
export function pushEvent(urls: readonly (string | undefined)[], refs: readonly (string | undefined)[]): WebhookEvent {
  const isText = (text: string | undefined): text is string => text !== undefined && text !== "";
  return { kind: "push", urls: urls.filter(isText), branches: refs.filter(isText).map((ref) => ref.replace(/^refs\/(?:heads|tags)\//u, "")) };
}
