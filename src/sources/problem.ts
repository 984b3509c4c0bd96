import type { RepositoryProblem } from "../world/repositories.ts";

/** A problem at Git's side with a message fit for people. */
export function problem(reason: RepositoryProblem["reason"], message: string): RepositoryProblem {
  return { kind: "problem", reason, message };
}

/** True for a problem, false for what was asked for. */
export function isProblem(value: unknown): value is RepositoryProblem {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "problem";
}

/** A count of bytes as people write it: `200 MiB`, `1.5 KiB`. */
export function printBytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}
