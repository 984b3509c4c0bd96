import { noneOf, someOf } from "../engine.ts";
import type { Environment } from "../engine.ts";
import { isPlainObject } from "../plain-object.ts";

/** `optional.ofNonZeroValue`, which the package lacks. @see cel-go cel/library.go, optionalLib */
export function registerOptionals(environment: Environment): void {
  environment.registerFunction("OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>", (_namespace: object, value: unknown) => (isZero(value) ? noneOf() : someOf(value)));
}

/** What a field has that nobody set: false, nothing, an empty text, list, map or message. */
function isZero(value: unknown): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === "") return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return isPlainObject(value) && Object.keys(value).length === 0;
}
