/** A count, or a percentage of a total such as `25%`. */
export type IntOrString = number | string;

/** True for `25%`. */
export function isPercent(value: IntOrString): boolean {
  return typeof value === "string" && /^[0-9]+%$/.test(value);
}

/** A count as it is, or the part of `total` a percentage means, rounded up or down. Undefined for any other text. */
export function scaledValue(value: IntOrString, total: number, rounding: "up" | "down"): number | undefined {
  if (typeof value === "number") return value;
  const percent = /^([0-9]+)%$/.exec(value)?.[1];
  if (percent === undefined) return undefined;
  const part = (Number(percent) * total) / 100;
  return rounding === "up" ? Math.ceil(part) : Math.floor(part);
}
