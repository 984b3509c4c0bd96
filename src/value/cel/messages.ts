import { isNode, isOptional } from "./engine.ts";
import type { Environment, Evaluator, Macro, MacroCall, TypeChecker } from "./engine.ts";
import { literalMacros } from "./literals.ts";
import { CelMessage } from "./message.ts";
import { isSame } from "./same.ts";

/** A kind of message an expression may make. */
export interface MessageType {
  /** Its fields and their types; absent where any are taken. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Adds what literals with optional entries are written as. */
export function registerOptionalEntries(environment: Environment): void {
  environment
    .registerFunction(`${literalMacros.map}(ast): dyn`, ({ args: [map] }: MacroCall): Macro => {
      const entries = entriesOf(map);
      return {
        args: map, async: false, typeCheck: (checker, _macro, context) => { checkEntries(entries, checker, context); return checker.getType("map<dyn, dyn>"); },
        evaluate: (evaluator, _macro, context) => new Map(presentEntries(entries, evaluator, context)),
      };
    })
    .registerFunction(`${literalMacros.list}(ast): dyn`, ({ args: [list] }: MacroCall): Macro => {
      const entries = entriesOf(list);
      return {
        args: list, async: false, typeCheck: (checker, _macro, context) => { checkEntries(entries, checker, context); return checker.getType("list<dyn>"); },
        evaluate: (evaluator, _macro, context) => presentEntries(entries, evaluator, context).map(([, value]) => value),
      };
    });
}

/** Adds the messages of one expression: their types, and what a literal of one is written as. */
export function registerMessages(environment: Environment, messages: ReadonlyMap<string, MessageType>): void {
  const made = new Map([...messages].map(([name, { fields }]) => [name, { fields, Made: class extends CelMessage {} }]));
  for (const [name, { Made }] of made) {
    environment.registerType(name, { ctor: Made }).registerOperator(`${name} == ${name}`, (a: CelMessage, b: CelMessage) => isSame(a, b));
  }
  environment.registerFunction(`${literalMacros.message}(ast, ast): dyn`, ({ args: [path, map] }: MacroCall): Macro => {
    const name = nameOf(path);
    const entries = entriesOf(map);
    const { fields, Made } = made.get(name) ?? { fields: undefined, Made: CelMessage };
    return {
      args: map, async: false,
      typeCheck(checker, _macro, context) {
        checkEntries(entries, checker, context, fields);
        return checker.getType(name);
      },
      evaluate: (evaluator, _macro, context) => new Made(name, presentEntries(entries, evaluator, context).map(([key, value]) => [String(key), value])),
    };
  });
}

/** What stands between the brackets of a literal. */
interface Entry {
  /** Undefined in a list. */
  readonly key: unknown;
  readonly value: unknown;
  /** True for one that is left out where its value is absent. */
  readonly isOptional: boolean;
}

function entriesOf(literal: unknown): readonly Entry[] {
  const args: readonly unknown[] = isNode(literal) && Array.isArray(literal.args) ? literal.args : [];
  return args.map((entry): Entry => {
    const [key, value] = Array.isArray(entry) ? (entry as readonly unknown[]) : [undefined, entry];
    const inside = optionalIn(key ?? value);
    if (inside === undefined) return { key, value, isOptional: false };
    return key === undefined ? { key, value: inside, isOptional: true } : { key: inside, value, isOptional: true };
  });
}

/** What a key or item that begins with a question mark says. */
function optionalIn(node: unknown): unknown {
  if (!isNode(node) || node.op !== "call" || !Array.isArray(node.args) || node.args[0] !== literalMacros.optional) return undefined;
  const given: unknown = node.args[1];
  return Array.isArray(given) ? given[0] : undefined;
}

/** The name of a message: names with dots between them. */
function nameOf(path: unknown): string {
  if (!isNode(path)) return "";
  if (path.op === "id" && typeof path.args === "string") return path.args;
  const [of, name]: readonly unknown[] = Array.isArray(path.args) ? path.args : [];
  return `${nameOf(of)}.${String(name)}`;
}

/** Checks the types of what stands in a literal. @param fields of a message, where they are known */
function checkEntries(entries: readonly Entry[], checker: TypeChecker, context: unknown, fields?: Readonly<Record<string, string>>): void {
  for (const { key, value, isOptional: mayBeAbsent } of entries) {
    if (key !== undefined) checker.check(key, context);
    const given = String(checker.check(value, context));
    if (mayBeAbsent && given !== "dyn" && !given.startsWith("optional<")) throw checker.createError("invalid_optional", `expected type 'optional_type(dyn)' but found '${given}'`, value);
    const field = isNode(key) ? String(key.args) : "";
    const wanted = fields === undefined ? "dyn" : fields[field];
    if (wanted === undefined) throw checker.createError("no_such_field", `undefined field '${field}'`, key);
    if (!mayBeAbsent && wanted !== "dyn" && given !== "dyn" && given !== wanted) throw checker.createError("field_type_mismatch", `expected type of field '${field}' is '${wanted}' but provided type is '${given}'`, value);
  }
}

function presentEntries(entries: readonly Entry[], evaluator: Evaluator, context: unknown): readonly (readonly [unknown, unknown])[] {
  return entries.flatMap(({ key, value, isOptional: mayBeAbsent }): readonly (readonly [unknown, unknown])[] => {
    const name = key === undefined ? undefined : evaluator.run(key, context);
    const found = evaluator.run(value, context);
    if (!mayBeAbsent) return [[name, found]];
    if (!isOptional(found)) throw new Error("no such overload: an optional entry needs an optional value");
    return found.hasValue() ? [[name, found.value()]] : [];
  });
}
