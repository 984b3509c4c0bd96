/** Completion indexes from `first` to `last`, both included. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A set of completion indexes, as intervals in order that neither touch nor overlap. */
export type IndexSet = readonly Interval[];

/**
 * Reads `1,3-5,7` as the status and success policies have it. What does not read, and what is not below `completions`, is left out.
 * @see kubernetes pkg/controller/job/indexed_job_utils.go parseIndexesFromString
 */
export function parseIndexes(text: string | undefined, completions: number): IndexSet {
  if (text === undefined || text === "") return [];
  const intervals = text.split(",").flatMap((part): readonly Interval[] => {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (found === null) return [];
    const first = Number(found[1]);
    const last = Math.min(Number(found[2] ?? found[1]), completions - 1);
    return first <= last ? [{ first, last }] : [];
  });
  return joined(intervals);
}

/** Prints a set; two neighbours are listed, three and more are a range. */
export function printIndexes(set: IndexSet): string {
  return set.map(({ first, last }) => (first === last ? String(first) : `${first}${last === first + 1 ? "," : "-"}${last}`)).join(",");
}

/** The set of these indexes, in any order. */
export function indexSetOf(indexes: Iterable<number>): IndexSet {
  return joined([...indexes].map((index) => ({ first: index, last: index })));
}

/** What is in any of the sets. */
export function unionOf(...sets: readonly IndexSet[]): IndexSet {
  return joined(sets.flat());
}

/** How many indexes are in it. */
export function countIndexes(set: IndexSet): number {
  return set.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** How many indexes two sets share. */
export function countShared(a: IndexSet, b: IndexSet): number {
  return countIndexes(a) + countIndexes(b) - countIndexes(unionOf(a, b));
}

/** True when the index is in it. */
export function hasIndex(set: IndexSet, index: number): boolean {
  return set.some(({ first, last }) => first <= index && index <= last);
}

/** The first `count` indexes below `completions` that are not in the set, in order. */
export function firstMissing(set: IndexSet, count: number, completions: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...set, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}

function joined(intervals: readonly Interval[]): IndexSet {
  const result: Interval[] = [];
  for (const next of intervals.toSorted((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before === undefined || next.first > before.last + 1) result.push(next);
    else result[result.length - 1] = { first: before.first, last: Math.max(before.last, next.last) };
  }
  return result;
}
