import { compareVersions } from "../../semver.ts";
import type { Environment } from "../engine.ts";

/** A semantic version as CEL holds it. */
class CelSemver {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const type = "kubernetes.Semver";

/** @see kubernetes apiserver pkg/cel/library/semverlib.go */
export function registerSemver(environment: Environment): void {
  const part = (index: number) => ({ text }: CelSemver) => BigInt(text.split(/[.+-]/)[index] ?? "0");
  environment
    .registerType(type, { ctor: CelSemver })
    .registerFunction(`semver(string): ${type}`, (text: string) => semverOf(text))
    .registerFunction(`semver(string, bool): ${type}`, (text: string, isLoose: boolean) => semverOf(isLoose ? normalized(text) : text))
    .registerFunction("isSemver(string): bool", isSemver)
    .registerFunction("isSemver(string, bool): bool", (text: string, isLoose: boolean) => isSemver(isLoose ? normalized(text) : text))
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) < 0n)
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) > 0n)
    .registerFunction(`${type}.compareTo(${type}): int`, compare)
    .registerFunction(`${type}.major(): int`, part(0))
    .registerFunction(`${type}.minor(): int`, part(1))
    .registerFunction(`${type}.patch(): int`, part(2))
    .registerOperator(`${type} == ${type}`, (a: CelSemver, b: CelSemver) => compare(a, b) === 0n);
}

function isSemver(text: string): boolean {
  return /^\d/.test(text) && compareVersions(text, text) !== undefined;
}

function semverOf(text: string): CelSemver {
  if (!isSemver(text)) throw new Error(`Semver parse error during conversion from string: ${JSON.stringify(text)} is no semantic version`);
  return new CelSemver(text);
}

function compare(a: CelSemver, b: CelSemver): bigint {
  return BigInt(compareVersions(a.text, b.text) ?? 0);
}

/** `v1.2` and `01.2` are read as `1.2.0`. */
function normalized(text: string): string {
  const [numbers = "", ...rest] = text.trim().replace(/^v/, "").split(/(?=[-+])/);
  const parts = numbers.split(".").map((number) => number.replace(/^0+(?=\d)/, ""));
  while (parts.length < 3) parts.push("0");
  return `${parts.join(".")}${rest.join("")}`;
}
