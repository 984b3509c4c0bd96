import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import Handlebars from "handlebars";
import type { JsonObject } from "../../value/json.ts";
import type { EngineScope } from "../engine.ts";
import { templateLimits } from "../limits.ts";
import { pinnedFacts } from "../pinned-facts.ts";
import { goMap } from "../template/value.ts";
import { fillText } from "../text.ts";
import { handlebarsEngine } from "./handlebars.ts";

/** The text our engine makes of a template. */
function render(template: string, values: JsonObject, partials: { readonly [name: string]: string } = {}): string {
  const scope: EngineScope = {
    chartPath: "a", folder: "", values: goMap(), files: new Map(), children: [],
    templates: [{ file: "templates/a.hbs", text: template }],
    partials: Object.entries(partials).map(([name, text]) => ({ file: `templates/_${name}.hbs`, text })),
    objects: { Values: values, Release: {}, Chart: {}, Capabilities: {}, Files: {} }, layerOf: () => undefined,
  };
  const { outputs, problems } = handlebarsEngine.render([scope], scope, { limits: templateLimits, begin: () => { /* Nobody asks. */ }, facts: pinnedFacts({ release: { name: "a", namespace: "a", revision: 1, isInstall: true } }), trace: undefined });
  assert.deepEqual(problems, []);
  return fillText(outputs[0]?.text ?? "", outputs[0]?.plainValues ?? []);
}

const values = { a: "x", b: "two words", n: 3, t: true, f: false, empty: "", list: ["p", "q"], none: [], m: { a: "1", b: "2" }, deep: { list: [{ n: "u" }, { n: "v" }] } };

/** Handlebars, told not to escape, adds neighbouring numbers and booleans up (3 and 3 give 6): it is given their text. */
const asText = { ...values, n: "3", t: "true" };

const gap = fc.constantFrom("", " ", "\n", "  \n", "\n\n  ", "text", " - ");
const piece = fc.letrec<{ all: string }>((tie) => ({
  all: fc.array(fc.oneof(
    { maxDepth: 3 }, gap,
    fc.constantFrom("{{Values.a}}", "{{Values.b}}", "{{{Values.n}}}", "{{~Values.a}}", "{{Values.a~}}", "{{~Values.t~}}", "{{! c }}", "{{!-- {{c}} --}}", "\\{{raw}}", "{{> p}}", "{{> q k=Values.a}}", "{{@root.Values.b}}", "{{lookup Values.list 1}}"),
    fc.tuple(fc.constantFrom("t", "f", "empty", "list", "none", "a"), fc.constantFrom("if", "unless"), tie("all"), tie("all")).map(([name, block, yes, no]) => `{{#${block} Values.${name}}}${yes}{{else}}${no}{{/${block}}}`),
    fc.tuple(fc.constantFrom("list", "none", "m"), tie("all"), tie("all")).map(([name, inner, no]) => `{{#each Values.${name}}}${inner}{{this}}{{@index}}{{@key}}{{@first}}{{@last}}{{else}}${no}{{/each}}`),
    fc.tuple(tie("all")).map(([inner]) => `{{#each Values.deep.list as |item i|}}${inner}{{item.n}}{{i}}{{n}}{{/each}}`),
    fc.tuple(tie("all")).map(([inner]) => `{{#with Values.m}}${inner}{{a}}{{../Values.a}}{{else}}no{{/with}}`),
    fc.tuple(tie("all")).map(([inner]) => `{{#if Values.f}}{{else if Values.t}}\n  ${inner}\n{{else}}z{{/if}}`),
    fc.tuple(tie("all")).map(([inner]) => `{{#> layout}}${inner}{{/layout}}`),
  ), { maxLength: 4 }).map((parts) => parts.join("")),
})).all;

test("what a template says is what Handlebars itself makes of it", () => {
  const partials = { p: "<{{Values.n}}>\n", q: "({{k}})", layout: "[{{> @partial-block}}]\n" };
  fc.assert(fc.property(piece, (written) => {
    // Handlebars knows nothing of our rule that Values is found in any scope: there it is written from the root.
    const template = written.replaceAll("../Values.a", "@root.Values.a");
    const plain = template.replaceAll(/(?<![.@\w])Values\./g, "@root.Values.");
    const instance = Handlebars.create();
    for (const [name, text] of Object.entries(partials)) instance.registerPartial(name, instance.compile(text.replaceAll("Values.", "@root.Values."), { noEscape: true }));
    assert.equal(render(template, values, partials), instance.compile(plain, { noEscape: true })({ Values: asText }));
  }), { numRuns: 100 });
});

test("neighbouring numbers are written side by side, not added up", () => {
  assert.equal(render("{{{Values.n}}}{{{Values.n}}}{{{Values.t}}}", values), "33true");
});

test("an empty map counts as empty, as in Go's templates", () => {
  assert.equal(render("{{#if Values.m}}yes{{else}}no{{/if}}", { m: {} }), "no");
});
