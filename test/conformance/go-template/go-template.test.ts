import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RenderFault } from "../../../src/render/fault.ts";
import { builtins } from "../../../src/render/template/builtins.ts";
import { Execution } from "../../../src/render/template/execution.ts";
import { goMap, goValueOf, int64, isList, isMap } from "../../../src/render/template/value.ts";
import type { GoValue } from "../../../src/render/template/value.ts";
import { withoutMarks } from "../../../src/render/text.ts";
import { data, templates } from "./cases.ts";

interface Golden {
  readonly template: string;
  readonly output?: string;
  readonly error?: string;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "golden.json"), "utf8")) as readonly Golden[];

test("the stored answers of kubectl are those of the cases", () => {
  assert.deepEqual(golden.map(({ template }) => template), templates);
  assert.ok(golden.length >= 400);
});

test("every template writes what Go's text/template writes, or fails for the same reason at the same line", () => {
  const wrong = golden.flatMap((entry) => {
    const answer = run(entry.template);
    if ("output" in answer) return answer.output === entry.output ? [] : [{ ...entry, got: answer.output }];
    return entry.error !== undefined && isSameError(answer, entry.error) ? [] : [{ ...entry, got: `${answer.line}: ${answer.message}` }];
  });
  assert.equal(wrong.map((entry) => JSON.stringify(entry)).join("\n"), "");
});

const functions = new Map(builtins.map((entry) => [entry.name, entry]));

function run(template: string): { readonly output: string } | { readonly message: string; readonly line: number | undefined } {
  const execution = new Execution({ functions, missingKey: "default", facts: { nowAt: () => 0, lookup: () => goMap(), randomBytes: (_site, count) => new Uint8Array(count) } });
  try {
    execution.add("output", "output", template);
    return { output: withoutMarks(execution.run("output", withIntegers(goValueOf(data)))) };
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error;
    return { message: error.problem.message, line: error.problem.place?.line };
  }
}

/** Kubernetes decodes whole numbers as int64. */
function withIntegers(value: GoValue): GoValue {
  if (typeof value === "number" && Number.isInteger(value)) return int64(value);
  if (isList(value)) return value.map(withIntegers);
  return isMap(value) ? goMap(Object.entries(value).map(([key, member]) => [key, withIntegers(member)] as const)) : value;
}

/** Ours says the value's own type where Go sees an interface, and the whole expression where Go has a part of it. */
function isSameError({ message, line }: { readonly message: string; readonly line: number | undefined }, error: string): boolean {
  const [, goLine = "", rest = ""] = /template: output:(\d+)(?::\d+)?: (.*)$/s.exec(error) ?? [];
  const words = rest.replace(/^executing ".*?" at <.*?>: /s, "").replace(/^template: /, "").replaceAll(/(in|of) type .*$/gs, "$1 type");
  return Number(goLine) === line && (message.includes(words) || known.some(([theirs, ours]) => theirs.test(words) && ours.test(message)));
}

/** Words that differ, with the same meaning. */
const known: readonly (readonly [RegExp, RegExp])[] = [
  [/reflect: call of reflect\.Value\.Type on zero Value/, /len of nil pointer/],
  [/non-comparable type map/, /non-comparable type map/],
  [/non-function \S+ of type/, /non-function of type/],
  // Found when the template is read, not only when it runs.
  [/undefined variable: \$x/, /undefined variable "\$x"/],
  [/illegal number syntax: "-"/, /missing value for command/],
];
