import { isTrue } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";

/** What a function does with its arguments, as far as origins are concerned. One without a rule looks into all of them, and its answer is made of all. */
export interface FunctionRule {
  /** Which arguments of so many are handed on, or changed in place, without being looked into: they stay traced. */
  readonly keeps: (index: number, count: number) => boolean;
  readonly keepsAny: boolean;
  /** It has no rule: of arguments that know nothing it makes an answer that knows nothing. */
  readonly isPlain: boolean;
  /** Its text is a map or list written out. */
  readonly isPrinter: boolean;
  /** No argument gives its answer. */
  readonly asksOutside: boolean;
  /** It looks only at what a map or list is, or how much there is of it. */
  readonly looksOnly: boolean;
  /** It changes its first argument in place. */
  readonly changesFirst: boolean;
  /** It takes a missing value for any other. */
  readonly takesNull: boolean;
  /** It looks one member of a map up, and depends on no other. */
  readonly readsMember: boolean;
  /** The arguments that made it answer one of them. */
  readonly chosen: ((given: readonly GoValue[]) => readonly GoValue[]) | undefined;
}

/** The rule of a function by name. */
export function ruleOf(name: string): FunctionRule {
  return rules.get(name) ?? plainRule;
}

const none = (): boolean => false;
const all = (): boolean => true;
const first = (index: number): boolean => index === 0;

const plainRule: FunctionRule = { keeps: none, keepsAny: false, isPlain: true, isPrinter: false, asksOutside: false, looksOnly: false, changesFirst: false, takesNull: false, readsMember: false, chosen: undefined };

const printers = ["toYaml", "mustToYaml", "toYamlPretty", "toJson", "mustToJson", "toPrettyJson", "mustToPrettyJson", "toRawJson", "mustToRawJson"];

const outside = ["lookup", "now", "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes", "randInt", "uuidv4", "shuffle", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "bcrypt", "htpasswd", "encryptAES", "ago"];

const choosers: Readonly<Record<string, (given: readonly GoValue[]) => readonly GoValue[]>> = {
  default: ([fallback, value]) => (isTrue(value) ? [value] : [value, fallback]),
  coalesce: (given) => given.slice(0, given.findIndex(isTrue) + 1 || given.length),
  ternary: ([yes, no, condition]) => [condition, isTrue(condition) ? yes : no],
};

const lookers = ["empty", "not", "len", "kindOf", "kindIs", "typeOf", "typeIs", "typeIsLike"];
const changers = ["set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"];
const nullTakers = ["dict", "list", "tuple", "set", "append", "prepend", "include", "tpl", "default", "coalesce", "ternary"];
const memberReaders = ["hasKey", "get", "index"];

const keepers: Readonly<Record<string, (index: number, count: number) => boolean>> = {
  dict: (index) => index % 2 === 1, list: all, tuple: all, set: (index) => index !== 1, unset: first, get: first, hasKey: first, index: first,
  default: all, coalesce: all, ternary: (index) => index < 2, required: (index) => index === 1, include: (index) => index === 1, tpl: (index) => index === 1,
  merge: all, mergeOverwrite: all, mustMerge: all, mustMergeOverwrite: all, deepCopy: all, mustDeepCopy: all,
  pick: first, omit: first, pluck: (index) => index > 0, dig: (index, count) => index >= count - 2, values: all,
  first: all, mustFirst: all, last: all, mustLast: all, rest: all, mustRest: all, initial: all, mustInitial: all, reverse: all, mustReverse: all,
  append: all, mustAppend: all, push: all, mustPush: all, prepend: all, mustPrepend: all, concat: all,
};

const rules: ReadonlyMap<string, FunctionRule> = new Map(
  [...new Set([...printers, ...outside, ...lookers, ...changers, ...nullTakers, ...memberReaders, ...Object.keys(choosers), ...Object.keys(keepers)])].map((name) => [name, {
    keeps: keepers[name] ?? none, keepsAny: keepers[name] !== undefined, isPlain: false, isPrinter: printers.includes(name), asksOutside: outside.includes(name), looksOnly: lookers.includes(name),
    changesFirst: changers.includes(name), takesNull: nullTakers.includes(name), readsMember: memberReaders.includes(name), chosen: choosers[name],
  }]),
);
