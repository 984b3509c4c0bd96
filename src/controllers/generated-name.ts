import { randomSuffix } from "../world/chance.ts";
import type { Chance } from "../world/chance.ts";

/** Characters of a generated name's base (apiserver pkg/storage/names/generate.go). */
export const nameBaseMax = 58;

/** A name as the server generates it from `generateName`. Ours to choose, so that a retried create cannot make two. */
export function generatedName(generateName: string, chance: Chance): string {
  return `${generateName.slice(0, nameBaseMax)}${randomSuffix(chance)}`;
}
