import { Block } from "../text.ts";
import { copyOf, isList, isMap, Traced } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import type { Source } from "./origin.ts";

/** No sources at all. One list for all of them, so that most unions are free. */
export const noSources: readonly Source[] = [];

/** The value, known to be made of `sources` besides what it already knows. A block keeps its own marks. */
export function withSources(value: GoValue, sources: readonly Source[]): GoValue {
  if (sources.length === 0 || value instanceof Block) return value;
  if (value instanceof Traced) return new Traced(value.value, unionOf(value.sources, sources));
  return new Traced(value, sources);
}

/** The value alone. */
export function untraced(value: GoValue): GoValue {
  return value instanceof Traced ? value.value : value;
}

/** The value alone, at every depth. Maps and lists that hold traced values are copied, others are not. */
export function untracedDeep(value: GoValue): GoValue {
  const own = untraced(value);
  if (typeof own !== "object" || own === null) return own;
  return holdsTraced(own) ? copyOf(own, untracedDeep) : own;
}

function holdsTraced(value: GoValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Traced) return true;
  if (isList(value)) return value.some(holdsTraced);
  if (!isMap(value)) return false;
  for (const key in value) if (holdsTraced(value[key])) return true;
  return false;
}

/** A copy with every leaf known to be made of `sources`; a scalar likewise. */
export function tracedDeep(value: GoValue, sources: readonly Source[]): GoValue {
  return sources.length === 0 ? value : copyOf(value, (leaf) => (leaf === null || leaf === undefined ? leaf : withSources(leaf, sources)));
}

/** Lists up to this long are searched faster than they are made a set. */
const shortMax = 16;

/** Every source once, in the order they came. */
export function unionOf(left: readonly Source[], right: readonly Source[]): readonly Source[] {
  if (right.length === 0 || left === right) return left;
  if (left.length === 0) return right;
  if (left.length > shortMax) return [...new Set([...left, ...right])];
  const added = right.filter((source) => !left.includes(source));
  return added.length === 0 ? left : [...left, ...added];
}

/** A union of lists that may be long. */
export function unionOfAll(lists: Iterable<readonly Source[]>): readonly Source[] {
  let only: readonly Source[] = noSources;
  let many: Set<Source> | undefined;
  for (const list of lists) {
    if (list.length === 0 || list === only) continue;
    if (only.length === 0) {
      only = list;
      continue;
    }
    many ??= new Set(only);
    for (const source of list) many.add(source);
  }
  return many === undefined ? only : [...many];
}
