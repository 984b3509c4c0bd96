import { isJsonObject } from "../../src/value/json.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";
import type { Dice } from "./dice.ts";

/** Levels of a value that is too deep for any recursion. */
const deepLevels = 10_000;

/** Items of a list no object has. */
const manyItems = 5_000;

/** Values that are wrong nearly everywhere, and sometimes right. */
const nasty: readonly [Json, ...Json[]] = [
  null, true, false, 0, -1, 1, 1.5, -0.5, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), "", " ", "a", "-1", "0", "true", "null", "\u0000", "\ud800", "x\ud800y", "ü".repeat(300), "\u{1f600}", "../..", "a/b", "a.b",
  "*", "{{", "$(HOME)", "%s%n", "1Gi", "-5m", "9".repeat(400), "1e1000", "0x10", "2026-01-02T03:04:05Z", "9999-99-99T99:99:99Z", "300000h", "(a+)+$", "self.x == 1", "[", "a,b", "a=b", "!", "10.0.0.1", "::/0", "http://[", "Y2E=",
  [], [null], [[]], [{}], {}, { a: 1 }, { a: { b: [] } }, { name: "a" }, [{ name: "a" }, { name: "a" }], { constructor: 1, toString: 2, hasOwnProperty: 3 }, { "": "" }, { $patch: "delete" }, { $patch: "replace" }, { "$setElementOrder/x": [1] },
];

/** A value with a few of its members changed, taken away, doubled or added. */
export function mutate(dice: Dice, value: Json): Json {
  let mutated = value;
  for (let times = dice.below(3) + 1; times > 0; times--) mutated = changeOne(dice, mutated);
  return mutated;
}

function changeOne(dice: Dice, value: Json): Json {
  if (Array.isArray(value) && value.length > 0 && !dice.oneIn(6)) {
    const list = value as readonly Json[];
    const at = dice.below(list.length);
    return list.map((item, index) => (index === at ? changeOne(dice, item) : item));
  }
  const keys = isJsonObject(value) ? Object.keys(value) : [];
  if (isJsonObject(value) && keys.length > 0 && !dice.oneIn(8)) {
    const key = keys[dice.below(keys.length)] ?? "";
    return { ...value, [key]: changeOne(dice, value[key] ?? null) };
  }
  return replaced(dice, value);
}

function replaced(dice: Dice, value: Json): Json {
  switch (dice.below(8)) {
    case 0: return Array.isArray(value) ? Array.from({ length: dice.oneIn(20) ? manyItems : 3 }, () => (value as readonly Json[])[0] ?? {}) : [value];
    case 1: return isJsonObject(value) ? { ...value, [dice.pick(["unknown", "Name", "constructor", "x-y", "", "name", "kind", "$patch", "$retainKeys"])]: dice.pick(nasty) } : { value };
    case 2: return typeof value === "string" ? value.repeat(dice.below(300)) : typeof value === "number" ? -value : dice.pick(nasty);
    case 3: return isJsonObject(value) ? Object.fromEntries(Object.entries(value).slice(1)) : Array.isArray(value) ? (value as readonly Json[]).slice(1) : dice.pick(nasty);
    default: return dice.pick(nasty);
  }
}

/** JSON text of a value, now and then with what only a text can have: keys that stand twice, `__proto__`, broken escapes, depth. */
export function printNasty(dice: Dice, value: Json): string {
  const text = JSON.stringify(value);
  if (!dice.oneIn(8)) return text;
  const cut = dice.below(text.length + 1);
  switch (dice.below(12)) {
    case 0: return text.replace("{", '{"metadata":{"name":"twice"},');
    case 1: return text.replace("{", '{"__proto__":{"polluted":true},');
    case 2: return text.replace(":{", `:{"deep":${"[".repeat(deepLevels)}${"]".repeat(deepLevels)},`);
    case 3: return `${'{"a":'.repeat(deepLevels)}1${"}".repeat(deepLevels)}`;
    case 4: return text.slice(0, cut);
    case 5: return text + text;
    case 6: return text.replace(/"[a-z]+"/, '"\\ud800"');
    case 7: return text.slice(0, cut) + String.fromCodePoint(dice.below(0xd800)) + text.slice(cut);
    case 8: return `\ufeff${text}`;
    case 9: return "";
    case 10: return `[${text}]`;
    default: return text.replaceAll(/\d+/g, "1e999");
  }
}

/** YAML that costs more than it weighs, or is none. */
export function nastyYaml(dice: Dice): string {
  const levels = Array.from({ length: 12 }, (_, level) => `l${level}: &l${level} [${Array.from({ length: 9 }, () => (level === 0 ? "x" : `*l${level - 1}`)).join(", ")}]`);
  return dice.pick([
    levels.join("\n"), "a: &a [*a]", "a: *nowhere", "a: 1\na: 2\n", "? [x]\n: y", "- ".repeat(3_000), "a: ".repeat(2_000), "[".repeat(2_000), "!!binary x", "a: !!js/function 'x'", "<<: {a: 1}\nkind: Pod",
    "a: .inf", "a: 0o17\nb: 017\nc: 1_000", "%YAML 9.9\n---\na", "---\na: 1\n---\nb: 2\n", "kind: \"\\ud800\"", "a: |\n" + " x\n".repeat(500), "\u0000", "\t", "&a &b c",
  ]);
}

/** Bytes with a few of them flipped, cut, or put twice. */
export function flip(dice: Dice, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let times = dice.below(6); times > 0 && copy.length > 0; times--) copy[dice.below(copy.length)] = dice.below(256);
  switch (dice.below(6)) {
    case 0: return copy.subarray(0, dice.below(copy.length + 1));
    case 1: { const at = dice.below(copy.length + 1); return Uint8Array.from([...copy.subarray(0, at), ...copy]); }
    default: return copy;
  }
}

/** A patch of one of the four kinds, for an object. */
export function nastyPatch(dice: Dice, object: JsonObject): { readonly type: string; readonly body: Json } {
  const type = dice.pick(["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"]);
  if (type !== "application/json-patch+json") return { type, body: mutate(dice, object) };
  const pointers = ["", "/", "/metadata", "/metadata/labels/a", "/spec/containers/0", "/spec/containers/-", "/spec/containers/99", "/a~1b~0c~2", "/metadata/name", "/status/x/y", "metadata", "/spec/replicas/-1", "/__proto__/x", "/constructor/prototype/x"] as const;
  const step = () => ({ op: dice.pick(["add", "remove", "replace", "move", "copy", "test", "none"]), path: dice.pick(pointers), from: dice.pick(pointers), value: dice.pick(nasty) });
  return { type, body: dice.oneIn(10) ? dice.pick(nasty) : Array.from({ length: dice.oneIn(50) ? manyItems : dice.below(4) + 1 }, step) };
}
