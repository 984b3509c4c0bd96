import { Block } from "../text.ts";
import { Int, isList, isMap, plain, Struct, typeOf } from "./value.ts";
import type { GoValue } from "./value.ts";

/** Go's reflect.DeepEqual: types count, so an int never equals a float64. */
export function deepEqual(left: GoValue, right: GoValue): boolean {
  if (left === right || ((left === null || left === undefined) && (right === null || right === undefined))) return true;
  if (left instanceof Block || right instanceof Block) return isText(left) && isText(right) && plain(left) === plain(right);
  if (left instanceof Int) return right instanceof Int && left.type === right.type && left.value === right.value;
  if (left instanceof Struct || right instanceof Struct) return left instanceof Struct && right instanceof Struct && left.type === right.type && left.text !== undefined && left.text() === right.text?.();
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (isList(left)) return isList(right) && typeOf(left) === typeOf(right) && left.length === right.length && left.every((item, index) => deepEqual(item, right[index]));
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && deepEqual(left[key], right[key]));
}

function isText(value: GoValue): value is string | Block {
  return typeof value === "string" || value instanceof Block;
}
