import { editDistance } from "../value/edit-distance.ts";

/** At most this many suggestions: more is a list, not a hint. */
const suggestionsMax = 3;
/** Names compared; the rest of a huge list gives no better hint. */
const comparedMax = 500;

/** Names like `wanted`, nearest first: those it begins or that begin it, or that differ by a few letters; the first ones when none is like it. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const unique = [...new Set(names)].slice(0, comparedMax);
  const scored = unique.map((name) => ({ name, distance: name.startsWith(wanted) || wanted.startsWith(name) ? 1 : editDistance(wanted, name) }));
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const near = scored.filter(({ distance }) => distance <= limit).toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return (near.length > 0 ? near.map(({ name }) => name) : unique).slice(0, suggestionsMax);
}
