import { addQuantities, compareQuantities, isQuantity, parseQuantity } from "../../quantity.ts";
import type { Quantity } from "../../quantity.ts";
import type { Environment } from "../engine.ts";

/** A quantity as CEL holds it. */
class CelQuantity {
  readonly amount: Quantity;

  constructor(amount: Quantity) {
    this.amount = amount;
  }
}

const nanosPerUnit = 1_000_000_000n;
const intMax = 9_223_372_036_854_775_807n;

/** @see kubernetes apiserver pkg/cel/library/quantity.go */
export function registerQuantities(environment: Environment): void {
  const type = "kubernetes.Quantity";
  environment
    .registerType(type, { ctor: CelQuantity })
    .registerFunction(`quantity(string): ${type}`, (text: string) => new CelQuantity(parseQuantity(text)))
    .registerFunction("isQuantity(string): bool", (text: string) => isQuantity(text))
    .registerFunction(`${type}.sign(): int`, ({ amount }: CelQuantity) => BigInt(amount.nanos > 0n ? 1 : amount.nanos < 0n ? -1 : 0))
    .registerFunction(`${type}.isInteger(): bool`, (quantity: CelQuantity) => integerOf(quantity) !== undefined)
    .registerFunction(`${type}.asInteger(): int`, (quantity: CelQuantity) => {
      const whole = integerOf(quantity);
      if (whole === undefined) throw new Error("cannot convert value to integer");
      return whole;
    })
    .registerFunction(`${type}.asApproximateFloat(): double`, ({ amount }: CelQuantity) => Number(amount.nanos) / Number(nanosPerUnit))
    .registerFunction(`${type}.add(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.amount, b.amount)))
    .registerFunction(`${type}.add(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(addQuantities(a.amount, ofInteger(b))))
    .registerFunction(`${type}.sub(${type}): ${type}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.amount, negated(b.amount))))
    .registerFunction(`${type}.sub(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(addQuantities(a.amount, negated(ofInteger(b)))))
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => compareQuantities(a.amount, b.amount) > 0)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => compareQuantities(a.amount, b.amount) < 0)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: CelQuantity, b: CelQuantity) => BigInt(compareQuantities(a.amount, b.amount)))
    .registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => compareQuantities(a.amount, b.amount) === 0);
}

function integerOf({ amount: { nanos } }: CelQuantity): bigint | undefined {
  const whole = nanos / nanosPerUnit;
  return nanos % nanosPerUnit === 0n && whole <= intMax && whole >= -intMax - 1n ? whole : undefined;
}

function ofInteger(value: bigint): Quantity {
  return { nanos: value * nanosPerUnit, format: "decimal" };
}

function negated({ nanos, format }: Quantity): Quantity {
  return { nanos: -nanos, format };
}
