import type { PrintedLeaves } from "../../value/print-yaml.ts";
import { isList, isMap } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { untraced } from "./traced.ts";

/** The text of a scalar with its mark. */
export type LeafMarker = (leaf: GoValue, text: string) => string;

/** Leads a printer's leaves back to the values they are printed from. */
export class MarkedLeaves implements PrintedLeaves {
  readonly #value: GoValue;
  readonly #marker: LeafMarker;

  constructor(value: GoValue, marker: LeafMarker) {
    this.#value = value;
    this.#marker = marker;
  }

  member(part: string | number): PrintedLeaves {
    return new MarkedLeaves(memberOf(this.#value, part), this.#marker);
  }

  wrap(printed: string): string {
    return this.#marker(this.#value, printed);
  }
}

function memberOf(value: GoValue, part: string | number): GoValue {
  const own = untraced(value);
  if (isList(own)) return own[Number(part)];
  return isMap(own) ? own[part] : undefined;
}
