/** The counts that are not zero: what Go's `omitempty` leaves of them. */
export function withoutZeros<K extends string>(counts: Readonly<Record<K, number>>): Partial<Record<K, number>> {
  const kept: Partial<Record<K, number>> = { ...counts };
  for (const key in counts) if (counts[key] === 0) delete kept[key];
  return kept;
}
