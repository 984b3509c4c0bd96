import assert from "node:assert/strict";
import { test } from "node:test";
import Handlebars from "handlebars";
import type { EngineScope, TemplateObjects } from "../../../src/render/engine.ts";
import { handlebarsEngine } from "../../../src/render/engines/handlebars.ts";
import { templateLimits } from "../../../src/render/limits.ts";
import { pinnedFacts } from "../../../src/render/pinned-facts.ts";
import { goMap } from "../../../src/render/template/value.ts";
import { fillText } from "../../../src/render/text.ts";
import { caseData, features, refusals } from "./cases.ts";

type Texts = Readonly<Record<string, string>>;

/** What our engine makes of a template: its text, or its first problem. */
function ours(template: string, partials: Texts): { readonly text?: string; readonly problem?: string } {
  const scope: EngineScope = {
    chartPath: "a", folder: "", values: goMap(), files: new Map(), children: [], layerOf: () => undefined,
    templates: [{ file: "templates/a.hbs", text: template }],
    partials: Object.entries(partials).map(([name, text]) => ({ file: `templates/_${name}.hbs`, text })),
    // The cases read their data at the top, where charts have Helm's objects.
    objects: { ...caseData, twoLines: "a\nb" } as unknown as TemplateObjects,
  };
  const { outputs, problems } = handlebarsEngine.render([scope], scope, { limits: templateLimits, begin: () => { /* Nobody asks. */ }, facts: pinnedFacts({ release: { name: "a", namespace: "a", revision: 1, isInstall: true } }), trace: undefined });
  const [problem] = problems;
  return problem === undefined ? { text: fillText(outputs[0]?.text ?? "", outputs[0]?.plainValues ?? []) } : { problem: problem.message };
}

/** Handlebars adds neighbouring numbers up when it does not escape (3 and 3 give 6); what it prints is given to it as text. */
const asText = { ...caseData, n: "3", zero: 0, float: "1.5" };

/** Handlebars itself, with the few functions the cases call. */
function theirs(template: string, partials: Texts): string {
  const instance = Handlebars.create();
  const number = (value: unknown): number => Number(value);
  instance.registerHelper({
    upper: (text: string) => text.toUpperCase(), lower: (text: string) => text.toLowerCase(), add: (...args: unknown[]) => String(args.slice(0, -1).map(number).reduce((left, right) => left + right)),
    eq: (left: unknown, right: unknown) => String(left) === String(right), list: (...args: unknown[]) => args.slice(0, -1),
    dict: (...args: unknown[]) => {
      const pairs = args.slice(0, -1);
      const { hash } = args.at(-1) as { hash: object };
      return { ...Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, index) => [String(pairs[index * 2]), String(pairs[index * 2 + 1])])), ...hash };
    },
    raw(this: unknown, options: { fn(context: unknown): string }) { return options.fn(this); },
  });
  for (const [name, text] of Object.entries(partials)) instance.registerPartial(name, instance.compile(text, { noEscape: true }));
  return instance.compile(template, { noEscape: true })(asText);
}

for (const { feature, templates, partials = {} } of features) {
  test(`${feature}: Handlebars says the same`, () => {
    for (const template of templates) assert.deepEqual(ours(template, partials), { text: theirs(template, partials) }, JSON.stringify(template));
  });
}

test("the table covers the language with at least 200 cases, none of them twice within a feature", () => {
  assert.ok(features.flatMap(({ templates }) => templates).length >= 200);
  for (const { feature, templates } of features) assert.equal(new Set(templates).size, templates.length, feature);
});

for (const { template, reason, message, partials = {} } of refusals) {
  test(`${template} is refused: ${reason}`, () => assert.match(ours(template, partials).problem ?? "(it rendered)", message));
}
