import type { FieldError } from "../field-error.ts";
import { required } from "../checks.ts";
import { itemsOf, propertyOf } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";

/**
 * What alternatives of a root speak of has to be said outside of them too: without it nobody would know what the values are. Those of fields below are not
 * looked at, as upstream.
 * @see kubernetes apiextensions-apiserver pkg/apiserver/schema/complete.go
 */
export function checkComplete(schema: Schema, path: string): readonly FieldError[] {
  return checkAlternatives(schema, { schema, at: path }, path);
}

/** The place outside of alternatives that stands for one inside. */
interface Counterpart {
  readonly schema: Schema;
  readonly at: string;
}

function checkAlternatives(inside: Schema, counterpart: Counterpart, path: string): readonly FieldError[] {
  return [
    ...(inside.not === undefined ? [] : checkInside(inside.not, counterpart, `${path}.not`)),
    ...(["allOf", "anyOf", "oneOf"] as const).flatMap((key) => (inside[key] ?? []).flatMap((nested, index) => checkInside(nested, counterpart, `${path}.${key}[${index}]`))),
  ];
}

function checkInside(inside: Schema, { schema, at }: Counterpart, path: string): readonly FieldError[] {
  const below = (nested: Schema, found: Schema | undefined, segment: string): readonly FieldError[] => (found === undefined
    ? [required(`${at}${segment}`, `because it is defined in ${path}${segment}`)] : checkInside(nested, { schema: found, at: `${at}${segment}` }, `${path}${segment}`));
  const item = itemsOf(inside);
  return [
    ...checkAlternatives(inside, { schema, at }, path),
    ...(item === undefined ? [] : below(item, itemsOf(schema), ".items")),
    ...Object.entries(inside.properties ?? {}).flatMap(([name, nested]) => below(nested, propertyOf(schema, name), `.properties[${name}]`)),
  ];
}
