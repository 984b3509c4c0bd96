import { FunctionFault } from "../fault.ts";
import type { CallContext, TemplateFunction, TemplateValue } from "../functions.ts";
import { helmFunctions } from "../helm-functions.ts";
import { isTrue, textOf } from "../template-value.ts";
import { argumentCounts, convertArgument, parameterAt } from "../template/function.ts";
import type { FunctionContext, GoFunction, ParameterTypes } from "../template/function.ts";
import { isMap } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";
import { Block } from "../text.ts";
import { goOf, templateValueOf } from "./_go-values.ts";
import { sharedUsages } from "./_usages.ts";

export { isStructAnswer } from "./_go-values.ts";

/** Functions of Helm's that make no sense here, with the reason. */
const leftOut: Readonly<Record<string, string>> = { call: "Handlebars has no values that are functions", hello: "a test of Sprig's own; {{hello}} is sooner a member" };

/** Names of Helm's for what has another name here. */
const aliases: Readonly<Record<string, string>> = { push: "append", tuple: "list", splitList: "split", trimall: "trimAll", int64: "int", float64: "float", toRawJson: "toJson" };

/** Functions whose answer is structure, not one scalar. */
const answersBlocks: ReadonlySet<string> = new Set(["toYamlPretty"]);

/** Functions that may be asked about a missing value. */
const takesMissing: ReadonlySet<string> = new Set(["typeOf", "typeIs", "typeIsLike", "deepEqual", "all", "any"]);

/** Every function of Helm's that `own` does not have, by the same name: what has a twin there is that twin under another name, the others run as Helm runs them. */
export function functionsFromHelm(own: readonly TemplateFunction[]): readonly TemplateFunction[] {
  const known = new Map(own.map((entry) => [entry.name, entry]));
  return [...helmFunctions.values()].filter(({ name }) => !known.has(name) && !Object.hasOwn(leftOut, name)).map((entry) => {
    const twin = known.get(aliases[entry.name] ?? plainName(entry.name));
    return twin === undefined ? fromHelm(entry) : { ...twin, name: entry.name, usage: twin.usage.replace(twin.name, entry.name) };
  });
}

/** `mustFirst` is `first`: here every function fails where Sprig's plain ones answer nothing. */
function plainName(name: string): string {
  const [, rest] = /^must([A-Z].*)$/.exec(name) ?? [];
  return rest === undefined ? name : rest.charAt(0).toLowerCase() + rest.slice(1);
}

function fromHelm(entry: GoFunction): TemplateFunction {
  const { name } = entry;
  return {
    name, usage: sharedUsages[name] ?? usageOf(entry), ...countsOf(entry), ...(takesMissing.has(name) ? { takesMissing: true } : {}),
    run(args, call) {
      const answer = entry.run(args.map((value, index) => argumentOf(parameterAt(entry, index) ?? "any", value)), contextOf(call, name));
      // Helm puts what went wrong into the answer, where nobody sees it.
      if (name.startsWith("from") && isMap(answer) && typeof answer["Error"] === "string" && Object.keys(answer).length === 1) throw new FunctionFault(`cannot read the text: ${answer["Error"]}`);
      const value = templateValueOf(answer);
      return answersBlocks.has(name) && typeof value === "string" ? new Block(value) : value;
    },
  };
}

/** Called without arguments they say nothing, and `{{html}}` may well be a member of that name. */
function countsOf(entry: GoFunction): { readonly min: number; readonly max: number } {
  const { min, max } = argumentCounts(entry);
  return { min: entry.params.length === 0 ? 0 : Math.max(1, min), max };
}

const spokenTypes: Readonly<Record<keyof ParameterTypes, string>> = { any: "VALUE", string: "TEXT", text: "TEXT", int: "NUMBER", int64: "NUMBER", float64: "NUMBER", bool: "BOOLEAN", map: "MAP", list: "LIST" };

function usageOf({ name, params }: GoFunction): string {
  return [name, ...params.map((type) => (type.startsWith("...") ? `${spokenTypes[type.slice(3) as keyof ParameterTypes]} …` : spokenTypes[type as keyof ParameterTypes]))].join(" ");
}

/** Handlebars has no integers and no untyped constants: numbers, texts and truth take the form a parameter asks for. Throws FunctionFault. */
function argumentOf(type: keyof ParameterTypes, value: TemplateValue): GoValue {
  switch (type) {
    case "any": return value instanceof Block ? value.plain : goOf(value);
    case "string": case "text": return textOf(value instanceof Block ? value.plain : value);
    case "int": return wholeOf(value);
    case "int64": return BigInt(wholeOf(value)) as unknown as GoValue;
    case "bool": return isTrue(value);
    case "float64": return convertArgument(type, Number(textOf(value)));
    case "map": case "list": return convertArgument(type, goOf(value));
  }
}

function wholeOf(value: TemplateValue): number {
  const number = typeof value === "number" ? value : Number(textOf(value));
  if (!Number.isSafeInteger(number)) throw new FunctionFault(`needs a whole number, but was given ${JSON.stringify(value)}`);
  return number;
}

function contextOf(call: CallContext, name: string): FunctionContext {
  return {
    get nowMs() { return call.nowMs; },
    randomBytes: (count) => call.randomBytes(name, count),
    include: (partial, data) => call.include(partial, templateValueOf(data)),
    renderText: (text, data) => call.renderText(text, templateValueOf(data)),
    lookup: (apiVersion, kind, namespace, objectName) => call.lookup(apiVersion, kind, namespace, objectName),
  };
}
