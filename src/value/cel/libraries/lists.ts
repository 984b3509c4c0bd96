import { registerNamespace } from "../engine.ts";
import type { Environment } from "../engine.ts";
import { isSame } from "../same.ts";

/** Values that have an order. */
type Ordered = bigint | number | string | boolean | Date;

/** `isSorted sum min max indexOf lastIndexOf`, and `sets`. @see kubernetes apiserver pkg/cel/library/lists.go, cel-go ext/sets.go */
export function registerLists(environment: Environment): void {
  environment
    .registerFunction("list.isSorted(): bool", (list: readonly Ordered[]) => list.every((item, index) => index === 0 || !(item < (list[index - 1] ?? item))))
    .registerFunction("list.sum(): dyn", (list: readonly (bigint | number)[]) => sum(list))
    .registerFunction("list.min(): dyn", (list: readonly Ordered[]) => first(list, "min", (a, b) => a < b))
    .registerFunction("list.max(): dyn", (list: readonly Ordered[]) => first(list, "max", (a, b) => a > b))
    .registerFunction("list.indexOf(dyn): int", (list: readonly unknown[], item: unknown) => BigInt(list.findIndex((other) => isSame(other, item))))
    .registerFunction("list.lastIndexOf(dyn): int", (list: readonly unknown[], item: unknown) => BigInt(list.findLastIndex((other) => isSame(other, item))));
  registerNamespace(environment, "sets", "SetsNamespace");
  const contains = (list: readonly unknown[], sub: readonly unknown[]) => sub.every((item) => list.some((other) => isSame(other, item)));
  environment
    .registerFunction("SetsNamespace.contains(list, list): bool", (_sets: object, list: readonly unknown[], sub: readonly unknown[]) => contains(list, sub))
    .registerFunction("SetsNamespace.equivalent(list, list): bool", (_sets: object, a: readonly unknown[], b: readonly unknown[]) => contains(a, b) && contains(b, a))
    .registerFunction("SetsNamespace.intersects(list, list): bool", (_sets: object, a: readonly unknown[], b: readonly unknown[]) => a.some((item) => b.some((other) => isSame(other, item))));
}

function sum(list: readonly (bigint | number)[]): bigint | number {
  if (list.length === 0) return 0n;
  if (list.every((item) => typeof item === "bigint")) return list.reduce<bigint>((total, item) => total + item, 0n);
  return list.reduce<number>((total, item) => total + Number(item), 0);
}

function first(list: readonly Ordered[], name: string, isBefore: (a: Ordered, b: Ordered) => boolean): Ordered {
  const [head, ...rest] = list;
  if (head === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (isBefore(item, best) ? item : best), head);
}
