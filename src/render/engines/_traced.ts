import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { isStructAnswer } from "../functions/from-helm.ts";
import type { TemplateValue } from "../functions.ts";
import { ruleOf } from "../origins/function-rules.ts";
import type { Source } from "../origins/origin.ts";
import type { Trace } from "../origins/trace.ts";
import { tracedDeep, unionOf, unionOfAll, untraced, untracedDeep, withSources } from "../origins/traced.ts";
import { Block, markOpen } from "../text.ts";
import { printPlain } from "../template/print.ts";
import { goMap, isList, isMap, isTrue, Struct, Traced } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";

/** One call of a function of a Handlebars template, in a traced render. */
export interface TracedHelperCall {
  readonly name: string;
  /** `file:line:column`. */
  readonly place: string;
  readonly given: readonly TemplateValue[];
  readonly run: (given: readonly TemplateValue[]) => TemplateValue;
  /** Path of an argument that has no value. */
  readonly pathOf: (index: number) => string;
}

/** What templates see in a traced render: maps as Go's templates have them, traced leaves in them. Handlebars only passes them on. */
export function asTemplateValue(value: GoValue): TemplateValue {
  return value as TemplateValue;
}

/** A value of a traced render. */
export function asGoValue(value: TemplateValue): GoValue {
  if (value instanceof Block || value instanceof Struct || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return isList(value as GoValue) && (value as readonly TemplateValue[]).every((item) => asGoValue(item) === item) ? value as GoValue : (value as readonly TemplateValue[]).map(asGoValue);
  if (isMap(value)) return value;
  return isJsonObject(value) ? goMap(Object.entries(value).map(([key, member]) => [key, asGoValue(member)] as const)) : null;
}

/** Runs a function and says what its answer was made of. Functions see plain values: they look into them. */
export function callTraced(trace: Trace, { name, place, given, run, pathOf }: TracedHelperCall): TemplateValue {
  if (given.every(isThere)) {
    if (trace.knowsNothing(name, given)) return run(given);
    if (ruleOf(name).isPlain) {
      const answer = run(given);
      return answer instanceof Block && answer.text.includes(markOpen) ? answer : asTemplateValue(answerOf(trace, { name, place, raw: given, result: asGoValue(answer) }));
    }
  }
  const raw = given.map((value, index) => {
    const own = asGoValue(value);
    return own === undefined || own === null ? new Traced(own, [trace.missingAt(pathOf(index))]) : own;
  });
  const plain = raw.map((value, index) => asTemplateValue(name === "include" && index === 1 || name === "tpl" && index === 1 ? untraced(value) : untracedDeep(value)));
  const printed = ruleOf(name).isPrinter ? trace.printed(name, raw.at(-1), place) : undefined;
  if (printed !== undefined) return asTemplateValue(printed);
  const entryCount = trace.entries.length;
  const contextCount = trace.contexts.length;
  const answer = trace.madeOf(name === "tpl" ? trace.sourcesOf(raw[0]) : [], () => run(plain));
  if (isStructAnswer(answer)) return tracedStruct(answer, trace.sourcesOfCall(name, place, raw));
  const result = asGoValue(answer);
  // A text from values that was run as a template comes back as a text: it is made of all that was written meanwhile.
  if (name === "tpl" && typeof result === "string") return asTemplateValue(withSources(result, unionOf(trace.sourcesOf(raw[0]), trace.sourcesSince(entryCount, contextCount))));
  return asTemplateValue(answerOf(trace, { name, place, raw, result }));
}

/** Functions know a time or certificate by its identity, and templates read its members. */
function tracedStruct(answer: JsonObject, sources: readonly Source[]): TemplateValue {
  const struct = new Traced(answer, sources);
  for (const [key, member] of Object.entries(answer)) Object.defineProperty(struct, key, { value: withSources(asGoValue(member), sources), enumerable: true });
  return asTemplateValue(struct);
}

function answerOf(trace: Trace, { name, place, raw, result }: { readonly name: string; readonly place: string; readonly raw: readonly GoValue[]; readonly result: GoValue }): GoValue {
  const structural = structures.get(name)?.(raw);
  if (structural !== undefined) return structural;
  const chosen = trace.chosenBy(name, raw);
  if (chosen !== undefined) {
    const own = raw.map(untraced).find((value) => (isMap(value) || isList(value)) && isTrue(value) === isTrue(result) && (isMap(result) || isList(result)));
    return trace.alsoMadeOf(own ?? result, chosen);
  }
  if (result instanceof Block) return tracedBlock(trace, { name, place, raw, result });
  const sources = trace.sourcesOfCall(name, place, raw);
  return isMap(result) || isList(result) ? tracedDeep(result, sources) : withSources(result, sources);
}

/** Blocks carry marks of their own; those that have none are made of all that the function was given. */
function tracedBlock(trace: Trace, { name, place, raw, result }: { readonly name: string; readonly place: string; readonly raw: readonly GoValue[]; readonly result: Block }): GoValue {
  if (name === "include" || name === "tpl") return result;
  if (result.text.includes(markOpen)) return trace.madeByCall(result, { name, place, given: raw });
  const sources = unionOfAll(raw.map((value) => trace.sourcesOf(value)));
  return sources.length === 0 ? result : new Block(trace.value(place, new Traced("", sources)) + result.text);
}

/** True for texts, blocks, numbers and truth: nothing of the chart is hidden in them. */
function isThere(value: TemplateValue): value is string | number | boolean | Block {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value instanceof Block;
}

function memberAt(collection: GoValue, key: GoValue): GoValue {
  const own = untraced(collection);
  const at = untraced(key);
  const member = isList(own) ? own[Number(at)] : isMap(own) && typeof at === "string" ? own[at] : undefined;
  return withSources(member, [...(collection instanceof Traced ? collection.sources : []), ...(key instanceof Traced ? key.sources : [])]);
}

function listOf(value: GoValue): readonly GoValue[] {
  const own = untraced(value);
  return isList(own) ? own : [];
}

/** Functions that only put their arguments together or take them apart. */
const structures: ReadonlyMap<string, (raw: readonly GoValue[]) => GoValue> = new Map<string, (raw: readonly GoValue[]) => GoValue>([
  ["dict", (raw) => goMap(Array.from({ length: raw.length / 2 }, (_, index) => [printPlain(untraced(raw[index * 2])), raw[index * 2 + 1]] as const))],
  ["list", (raw) => raw], ["tuple", (raw) => raw],
  ["get", ([map, key]) => memberAt(map, key)], ["lookup", (raw) => (raw.length === 2 ? memberAt(raw[0], raw[1]) : undefined)],
  ["first", ([list]) => listOf(list)[0]], ["last", ([list]) => listOf(list).at(-1)],
]);
