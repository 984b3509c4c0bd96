import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RenderFault } from "../../../src/render/fault.ts";
import { helmFunctions } from "../../../src/render/helm-functions.ts";
import { Execution } from "../../../src/render/template/execution.ts";
import { noValue } from "../../../src/render/template/print.ts";
import { goMap, goValueOf } from "../../../src/render/template/value.ts";
import { withoutMarks } from "../../../src/render/text.ts";
import { data, expressions } from "./cases.ts";
import { builtins } from "../../../src/render/template/builtins.ts";

interface Golden {
  readonly expression: string;
  readonly output?: string;
  readonly error?: string;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "golden.json"), "utf8")) as readonly Golden[];

test("the stored answers of Sprig are those of the cases", () => {
  assert.deepEqual(golden.map(({ expression }) => expression), expressions);
});

/** Functions of newer versions than the oracle's, and those that need a whole render: held elsewhere. */
const heldElsewhere: ReadonlySet<string> = new Set([
  "ago", "now", "include", "tpl", "lookup", "required", "sha512sum", "toYamlPretty", "mustToToml", "mustFromJson", "mustToDuration", "durationDays", "durationHours", "durationMicroseconds", "durationMilliseconds", "durationMinutes",
  "durationNanoseconds", "durationRoundTo", "durationSeconds", "durationTruncateTo", "durationWeeks", "buildCustomCert", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "mustToDate",
]);

test("every function of Helm stands in a case", () => {
  const words = new Set(expressions.flatMap((expression) => expression.match(/[A-Za-z_0-9]+/g) ?? []));
  const builtIn = new Set(builtins.map(({ name }) => name));
  assert.deepEqual([...helmFunctions.keys()].filter((name) => !words.has(name) && !builtIn.has(name) && !heldElsewhere.has(name)), []);
});

/** Where Sprig writes its complaint into the manifest, the render fails. */
const refused: ReadonlySet<string> = new Set(['genPrivateKey "x"']);

test("every function writes what Sprig's writes, or fails where it fails", () => {
  const wrong = golden.flatMap((entry) => {
    if (refused.has(entry.expression)) return "message" in run(entry.expression) ? [] : [entry];
    const answer = run(entry.expression);
    if (entry.error !== undefined) return "message" in answer ? [] : [{ ...entry, got: answer.output }];
    if ("message" in answer) return [{ ...entry, got: answer.message }];
    return answer.output === entry.output ? [] : [{ ...entry, got: answer.output }];
  });
  assert.equal(wrong.map((entry) => JSON.stringify(entry)).join("\n"), "");
});

function run(expression: string): { readonly output: string } | { readonly message: string } {
  let byte = 0;
  const facts = { nowAt: () => 1_600_000_000_000, lookup: () => goMap(), randomBytes: (_site: string, count: number) => Uint8Array.from({ length: count }, () => byte++ % 256) };
  const execution = new Execution({ functions: helmFunctions, missingKey: "zero", facts });
  try {
    execution.add("t", "t", `{{ ${expression} }}`);
    return { output: withoutMarks(execution.run("t", goValueOf(data))).replaceAll(noValue, "") };
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error;
    return { message: error.problem.message };
  }
}

test("durations are counted in each unit, and from now on", () => {
  for (const [expression, expected] of [
    ['durationSeconds "1h1s"', "3601"], ['durationMinutes "90s"', "1.5"], ['durationHours "90m"', "1.5"], ['durationDays "36h"', "1.5"], ['durationWeeks "84h"', "0.5"], ['durationMilliseconds "1s"', "1000"], ['durationMicroseconds "1ms"', "1000"], ['durationNanoseconds "1us"', "1000"],
    ['durationRoundTo "90m" "1h"', "2h0m0s"], ['durationTruncateTo "90m" "1h"', "1h0m0s"], ['mustToDuration "90s"', "1m30s"], ['date "2006-01-02" now', "2020-09-13"], ['ago (now | date_modify "-1h")', "1h0m0s"], ["sha512sum \"\" | trunc 12", "cf83e1357eef"],
  ] as const) assert.deepEqual(run(expression), { output: expected }, expression);
});
