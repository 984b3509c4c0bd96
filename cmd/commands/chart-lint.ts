import { boundFlags } from "../../src/render/bound-flags.ts";
import { lintChart } from "../../src/render/lint.ts";
import type { Finding } from "../../src/render/lint.ts";
import { readValues } from "../../src/render/values.ts";
import { chartTestRequest } from "../../src/render/chart-test.ts";
import type { JsonObject } from "../../src/value/json.ts";
import type { Command } from "../command.ts";
import { withRenderer } from "../bounded-renders.ts";
import { exitCodes } from "../exit-codes.ts";
import { orRefuse, printPlaceIn, readChartFolder, withValueFiles } from "../folder.ts";
import type { Folder } from "../folder.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";

/** `capstan chart lint`: what a push would refuse, and what is most likely not meant. */
export const chartLintCommand: Command = {
  name: "chart lint", usage: "[FOLDER] [--values FILE]… [--strict] [-o table|json|yaml]", summary: "find what a push would refuse and what is hardly meant; exit code 7 when there is an error",
  flags: {
    ...outputFlag, values: { type: "string", short: "f", value: "FILE", help: "a value file to render with; may be repeated" },
    strict: { type: "boolean", help: "warnings count as errors" }, ...boundFlags,
  },
  async run(context) {
    const words = parseWords(chartLintCommand, context.words, { min: 0, max: 1 });
    const form = parseOutputForm(words.text("output"));
    const folder = readChartFolder(words.names[0]);
    const values = valuesOf(folder, words.texts("values"));
    // What does not come to an end is stopped where bounds hold; the rules then need no bounds.
    const rendered = await withRenderer(words, (renderer) => renderer.render(chartTestRequest(folder.tree, values), context.signal));
    const stopped = rendered.kind === "failed" && rendered.isStopped === true ? rendered.problems.map(({ message, place = { file: "Chart.yaml" } }): Finding => ({ rule: "render", level: "error", message, place })) : undefined;
    const findings = (stopped ?? lintChart(folder.tree, values)).map((finding) => ({ ...finding, place: printPlaceIn(folder, finding.place) }));
    const errors = findings.filter(({ level }) => level === "error").length;
    const warnings = findings.length - errors;
    if (form === "table") {
      for (const { place, level, message, rule } of findings) context.output.print(`${place}: ${level}: ${message} (${rule})`);
      context.output.print(findings.length === 0 ? "nothing to mend" : `${count(errors, "error")}, ${count(warnings, "warning")}`);
    } else {
      printAnswer(context.output, form, { value: { findings, errors, warnings }, headings: [], rows: [], empty: "" });
    }
    return errors > 0 || (words.isSet("strict") && warnings > 0) ? exitCodes.faulty : exitCodes.done;
  },
};

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** The values of value files together. Throws CommandError. */
function valuesOf(folder: Folder, names: readonly string[]): JsonObject {
  const { tree, valueFiles } = withValueFiles(folder, names);
  return orRefuse(() => readValues({ ...chartTestRequest(tree), valueFiles }).values);
}
