import { Block } from "../text.ts";
import { copyOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import type { Source } from "./origin.ts";

/** The value, known to be made of `sources` besides what it already knows. A block keeps its own marks. */
export function withSources(value: GoValue, sources: readonly Source[]): GoValue {
  if (sources.length === 0 || value instanceof Block) return value;
  if (value instanceof Traced) return new Traced(value.value, unionOf([value.sources, sources]));
  return new Traced(value, sources);
}

/** The value alone. */
export function untraced(value: GoValue): GoValue {
  return value instanceof Traced ? value.value : value;
}

/** The value alone, at every depth. Maps and lists that hold traced values are copied, others are not. */
export function untracedDeep(value: GoValue): GoValue {
  const own = untraced(value);
  return holdsTraced(own) ? copyOf(own, untracedDeep) : own;
}

function holdsTraced(value: GoValue): boolean {
  if (value instanceof Traced) return true;
  if (isList(value)) return value.some(holdsTraced);
  return isMap(value) && Object.keys(value).some((key) => holdsTraced(value[key]));
}

/** A copy with every leaf known to be made of `sources`; a scalar likewise. */
export function tracedDeep(value: GoValue, sources: readonly Source[]): GoValue {
  return sources.length === 0 ? value : copyOf(value, (leaf) => (leaf === null || leaf === undefined ? leaf : withSources(leaf, sources)));
}

/** Every source once, in the order they came. */
export function unionOf(lists: readonly (readonly Source[])[]): readonly Source[] {
  const [first = [], ...rest] = lists;
  return rest.every((list) => list.length === 0) ? first : [...new Set(lists.flat())];
}
