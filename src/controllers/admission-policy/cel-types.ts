import { fieldsOf, formsOf, shapeOf } from "../../model/schema.ts";
import type { CelTypes } from "../../value/cel/type-check.ts";

/** The name of a message as a type of CEL, `core.v1.Pod`. */
export function celTypeName(message: string): string {
  return message.replace("/", ".");
}

/**
 * These messages and what they are made of, as types of CEL. Pure.
 *
 * @param words the words of the expressions that are checked: a field that none of them names may be of any type, which leaves out most of a Pod
 */
export function celTypesOf(messages: readonly string[], words: ReadonlySet<string>): CelTypes {
  const types = new Map<string, Readonly<Record<string, string>>>();
  const open = [...messages];
  for (let message = open.pop(); message !== undefined; message = open.pop()) {
    if (types.has(celTypeName(message))) continue;
    types.set(celTypeName(message), Object.fromEntries([...fieldsOf(message)].map(([name, { type }]) => [name, words.has(name) ? celTypeOf(type, open) : "dyn"])));
  }
  return types;
}

/** @param open takes the messages that are met */
function celTypeOf(type: string, open: string[]): string {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case "list": return `list<${celTypeOf(shape.item, open)}>`;
    case "map": return `map<string, ${celTypeOf(shape.item, open)}>`;
    case "scalar": return scalars[shape.scalar] ?? "dyn";
    case "message":
      if (formsOf(shape.message) !== undefined) return "dyn";
      open.push(shape.message);
      return celTypeName(shape.message);
  }
}

/** What is not here (quantities, times, texts that may be numbers) may be of several types when an expression sees it. */
const scalars: Readonly<Record<string, string>> = { string: "string", bool: "bool", int32: "int", int64: "int" };
