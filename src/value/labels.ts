import { checkLabelValue, checkQualifiedName } from "./names.ts";
import { quote } from "./quote.ts";
import { ValueError } from "./value-error.ts";

/** How a requirement compares; `exists` and `absent` carry no values. */
export type LabelOperator = "=" | "!=" | "in" | "notin" | "exists" | "absent" | ">" | "<";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without repeats. */
  readonly values: readonly string[];
}

/** Requirements that must all hold; none selects everything. Sorted by key. */
export interface Selector {
  readonly kind: "requirements" | "nothing";
  readonly requirements: readonly LabelRequirement[];
}

/** Labels as objects carry them. */
export type Labels = Readonly<Record<string, string | undefined>>;

/** A `LabelSelector` of the API. */
export interface LabelSelectorValue {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator?: string; readonly values?: readonly string[] }[];
}

/** Selects every object. */
export const everything: Selector = Object.freeze({ kind: "requirements", requirements: [] });
/** Selects no object: a missing `LabelSelector`. */
export const nothing: Selector = Object.freeze({ kind: "nothing", requirements: [] });

/** True when the labels meet every requirement. */
export function matchesSelector(selector: Selector, labels: Labels | undefined): boolean {
  if (selector.kind === "nothing") return false;
  return selector.requirements.every((requirement) => matchesRequirement(requirement, labels ?? {}));
}

function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "exists": return value !== undefined;
    case "absent": return value === undefined;
    case "=":
    case "in": return value !== undefined && values.includes(value);
    case "!=":
    case "notin": return value === undefined || !values.includes(value);
    case ">":
    case "<": {
      if (value === undefined || !isInteger(value)) return false;
      const limit = BigInt(values[0] ?? "0");
      return operator === ">" ? BigInt(value) > limit : BigInt(value) < limit;
    }
  }
}

/** The selector of an API `LabelSelector`: absent selects nothing, empty selects everything. Throws ValueError for one that is not valid. */
export function selectorOf(value: LabelSelectorValue | undefined): Selector {
  if (value === undefined) return nothing;
  const requirements = [
    ...Object.entries(value.matchLabels ?? {}).map(([key, text]) => requirementOf(key, "=", [text])),
    ...(value.matchExpressions ?? []).map(({ key, operator, values }) => requirementOf(key, expressionOperator(operator), values ?? [])),
  ];
  return { kind: "requirements", requirements: requirements.toSorted(byKey) };
}

/** The schema takes an expression without an operator: it has an empty one. */
function expressionOperator(operator = ""): LabelOperator {
  switch (operator) {
    case "In": return "in";
    case "NotIn": return "notin";
    case "Exists": return "exists";
    case "DoesNotExist": return "absent";
    default: throw new ValueError("syntax", `${quote(operator)} is not a valid label selector operator`);
  }
}

/** The selector's text, which `parseSelector` reads back; sorted by key. */
export function printSelector(selector: Selector): string {
  return selector.requirements.map(({ key, operator, values }) => {
    switch (operator) {
      case "exists": return key;
      case "absent": return `!${key}`;
      case "in":
      case "notin": return `${key} ${operator} (${values.join(",")})`;
      case "=":
      case "!=":
      case ">":
      case "<": return `${key}${operator}${values[0] ?? ""}`;
    }
  }).join(",");
}

/**
 * Reads a label selector: `a=b,c!=d,e in (f,g),!h,i>3`. Throws ValueError with Kubernetes' text.
 * @see kubernetes apimachinery pkg/labels/selector.go
 */
export function parseSelector(text: string): Selector {
  const reader = new TokenReader(scan(text));
  const requirements: LabelRequirement[] = [];
  if (reader.peek().kind === "end") return everything;
  for (;;) {
    const first = reader.peek();
    if (requirements.length === 0 && first.kind !== "word" && first.text !== "!") {
      throw new ValueError("syntax", `found '${first.text}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(inRequirement(() => readRequirement(reader)));
    const separator = reader.next();
    if (separator.kind === "end") return { kind: "requirements", requirements: requirements.toSorted(byKey) };
    if (separator.text !== ",") throw new ValueError("syntax", `found '${separator.text}', expected: ',' or 'end of string'`);
    const after = reader.peek();
    if (after.kind !== "word" && after.text !== "!") throw new ValueError("syntax", `found '${after.text}', expected: identifier after ','`);
  }
}

interface Token {
  readonly kind: "word" | "symbol" | "end";
  readonly text: string;
}

/** Longest symbols first. */
const symbolPattern = /==|!=|[=!(),<>]/y;
const wordPattern = /[^\s=!(),<>]+/y;

function scan(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    if (/\s/.test(text[position] ?? "")) {
      position++;
      continue;
    }
    symbolPattern.lastIndex = position;
    wordPattern.lastIndex = position;
    const symbol = symbolPattern.exec(text)?.[0];
    const found = symbol ?? wordPattern.exec(text)?.[0] ?? "";
    tokens.push({ kind: symbol === undefined ? "word" : "symbol", text: found });
    position += found.length;
  }
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#position] ?? { kind: "end", text: "" };
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }
}

function inRequirement<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError("syntax", `unable to parse requirement: ${error.message}`);
    throw error;
  }
}

function readRequirement(reader: TokenReader): LabelRequirement {
  const isNegated = reader.peek().text === "!";
  if (isNegated) reader.next();
  const key = reader.next();
  if (key.kind !== "word") throw new ValueError("syntax", `found '${key.text}', expected: identifier`);
  checkKey(key.text);
  const after = reader.peek();
  if (isNegated) return requirementOf(key.text, "absent", []);
  if (after.kind === "end" || after.text === ",") return requirementOf(key.text, "exists", []);
  const operator = reader.next().text;
  switch (operator) {
    case "in":
    case "notin": return requirementOf(key.text, operator, readList(reader));
    case "=":
    case "==": return requirementOf(key.text, "=", [readValue(reader)]);
    case "!=":
    case ">":
    case "<": return requirementOf(key.text, operator, [readValue(reader)]);
    default: throw new ValueError("syntax", `found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

function readValue(reader: TokenReader): string {
  const token = reader.peek();
  if (token.kind === "end" || token.text === ",") return "";
  reader.next();
  if (token.kind !== "word") throw new ValueError("syntax", `found '${token.text}', expected: identifier`);
  return token.text;
}

/** Reads `(a,b)`; an empty place between commas is the empty value. */
function readList(reader: TokenReader): readonly string[] {
  const open = reader.next();
  if (open.text !== "(") throw new ValueError("syntax", `found '${open.text}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const token = reader.peek();
    if (token.kind === "word") {
      values.push(token.text);
      reader.next();
    } else if (token.text === "," || token.text === ")") {
      values.push("");
    } else {
      throw new ValueError("syntax", `found '${token.text}', expected: ',', ')' or identifier`);
    }
    const separator = reader.next();
    if (separator.text === ")") return values;
    if (separator.text !== ",") throw new ValueError("syntax", `found '${separator.text}', expected: ',' or ')'`);
  }
}

function requirementOf(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  checkKey(key);
  const sorted = [...new Set(values)].toSorted();
  if ((operator === "in" || operator === "notin") && sorted.length === 0) {
    throw new ValueError("syntax", "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  }
  if ((operator === "exists" || operator === "absent") && sorted.length > 0) {
    throw new ValueError("syntax", `values: Invalid value: ${JSON.stringify(sorted)}: values set must be empty for exists and does not exist`);
  }
  sorted.forEach((value, index) => {
    if ((operator === ">" || operator === "<") && !isInteger(value)) {
      throw new ValueError("syntax", `values[${index}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
    const problem = checkLabelValue(value)[0];
    if (problem !== undefined) throw new ValueError("syntax", `values[${index}][${key}]: Invalid value: ${quote(value)}: ${problem}`);
  });
  return { key, operator, values: sorted };
}

function checkKey(key: string): void {
  const problem = checkQualifiedName(key)[0];
  if (problem !== undefined) throw new ValueError("syntax", `key: Invalid value: ${quote(key)}: ${problem}`);
}

function isInteger(text: string): boolean {
  return /^[+-]?[0-9]{1,19}$/.test(text);
}

function byKey(a: LabelRequirement, b: LabelRequirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
