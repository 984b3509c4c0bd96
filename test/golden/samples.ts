import { readFileSync } from "node:fs";
import { apiVersionOf } from "../../src/model/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { ApiObject } from "../../src/model/object.ts";

/** Objects of a kind that are taken, and such that are refused and why. */
export interface Samples {
  readonly valid: readonly ApiObject[];
  readonly invalid: readonly { readonly error: string; readonly object: ApiObject }[];
}

/** The samples of a kind: `kinds/config-map.json`; those of another view carry its group and version. */
export function samplesOf(kind: Kind): Samples {
  const name = kind.kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const view = kind.storedAs === undefined ? "" : `-${apiVersionOf(kind).replaceAll(/[./]/g, "-")}`;
  return JSON.parse(readFileSync(new URL(`kinds/${name}${view}.json`, import.meta.url), "utf8")) as Samples;
}
