import { faultAt } from "../fault.ts";
import type { TemplateValue } from "../functions.ts";
import type { Trace } from "../origins/trace.ts";
import { isTrue, mapOf, sortedKeys, spokenKind } from "../template-value.ts";
import { isMap } from "../template/value.ts";
import { isJsonObject } from "../../value/json.ts";
import { siteMember } from "./_rewrite.ts";
import type { RenderSession } from "./_session.ts";
import { parseSite } from "./_site.ts";
import { asGoValue } from "./_traced.ts";

/** What Handlebars gives a helper last. */
export interface HelperOptions {
  readonly fn?: (context: unknown, options?: object) => string;
  readonly inverse?: (context: unknown) => string;
  readonly hash: { readonly [name: string]: unknown };
  readonly data?: object;
}

/** What stands in a block or behind its else. */
export function choose(context: unknown, isChosen: boolean, options: HelperOptions): string {
  return (isChosen ? options.fn?.(context) : options.inverse?.(context)) ?? "";
}

/** Lists in order, maps in key order; `@key`, `@index`, `@first`, `@last` as in Handlebars. */
export function each(context: unknown, value: TemplateValue, options: HelperOptions, { session, trace }: { readonly session: RenderSession; readonly trace: Trace | undefined }): string {
  const site = String(options.hash[siteMember]);
  if (!isTrue(value)) return options.inverse?.(context) ?? "";
  const isList = Array.isArray(value);
  if (!isList && !isJsonObject(value)) throw faultAt(parseSite(site).place, `#each goes through lists and maps, but ${parseSite(site).texts[0] ?? "the value"} is ${spokenKind(value)}`);
  const keys: readonly (string | number)[] = isList ? [...(value as readonly unknown[]).keys()] : sortedKeys(mapOf(value));
  const map = trace === undefined ? undefined : asGoValue(value);
  const tracedKeys = isMap(map) ? map : undefined;
  const parts: string[] = [];
  keys.forEach((key, index) => {
    session.step(site);
    const item = (value as { readonly [key: string | number]: unknown })[key];
    const told = tracedKeys !== undefined && trace !== undefined && typeof key === "string" ? trace.key(tracedKeys, key) : key;
    const data = { ...options.data, _parent: options.data, key: told, index, first: index === 0, last: index === keys.length - 1 };
    const part = options.fn?.(item, { data, blockParams: [item, told] }) ?? "";
    session.produce(part.length, site);
    parts.push(part);
  });
  return parts.join("");
}
