import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { addQuantities, compareQuantities, isQuantity, milliValueOf, parseQuantity, printQuantity, wholeValueOf } from "./quantity.ts";

const canonical: readonly (readonly [string | number, string])[] = [
  ["1024Mi", "1Gi"], ["0.5", "500m"], ["1.5Gi", "1536Mi"], ["1000", "1k"], ["1000m", "1"], ["100m", "100m"], [2, "2"], [0.25, "250m"], ["0", "0"], ["0Ki", "0"],
  ["1e3", "1e3"], ["12E6", "12e6"], ["1.5e1", "15"], ["128Ki", "128Ki"], ["0.5Ki", "512"], ["1536", "1536"], ["1.5k", "1500"], ["-1.5Gi", "-1536Mi"], ["+3", "3"], [".5", "500m"], ["1.", "1"],
  ["1000000Gi", "1000000Gi"], ["1u", "1u"], ["0.1n", "1n"], ["9223372036854775808", "9223372036854775807"], ["1100Mi", "1100Mi"], ["1024Ki", "1Mi"],
];

for (const [text, expected] of canonical) {
  test(`${text} is printed as ${expected}`, () => assert.equal(printQuantity(parseQuantity(text)), expected));
}

for (const text of ["", "x", "1x", "1 Gi", "Gi", "1KI", "1e", "--1", "1.2.3", "1mm", "NaN"]) {
  test(`"${text}" is not a quantity`, () => assert.equal(isQuantity(text), false));
}

test("printing keeps the amount and is canonical", () => {
  const suffix = fc.constantFrom("", "m", "u", "n", "k", "M", "Ki", "Mi", "Gi", "e3", "e-3");
  fc.assert(fc.property(fc.integer({ min: -100000, max: 100000 }), suffix, (amount, family) => {
    const quantity = parseQuantity(`${amount}${family}`);
    const printed = printQuantity(quantity);
    assert.equal(parseQuantity(printed).nanos, quantity.nanos);
    assert.equal(printQuantity(parseQuantity(printed)), printed);
  }));
});

test("sums and values are exact and round up", () => {
  assert.equal(printQuantity(addQuantities(parseQuantity("100m"), parseQuantity("1"))), "1100m");
  assert.equal(printQuantity(addQuantities(parseQuantity("0"), parseQuantity("1Gi"))), "1Gi");
  assert.equal(milliValueOf(parseQuantity("1u")), 1);
  assert.equal(wholeValueOf(parseQuantity("1500m")), 2);
  assert.equal(wholeValueOf(parseQuantity("1Gi")), 1073741824);
  assert.equal(compareQuantities(parseQuantity("1Gi"), parseQuantity("1G")), 1);
});
