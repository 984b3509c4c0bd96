import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { boundFlags } from "../../src/render/bound-flags.ts";
import { printSnapshots, runBoundedChartTests } from "../../src/render/chart-test.ts";
import type { ChartTestResult } from "../../src/render/chart-test.ts";
import type { Command, CommandOutput } from "../command.ts";
import { withRenderer } from "../bounded-renders.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { printPlaceIn, readChartFolder } from "../folder.ts";
import type { Folder } from "../folder.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";

/** `capstan chart test`: runs the tests in a chart's tests folder. */
export const chartTestCommand: Command = {
  name: "chart test", usage: "[FOLDER] [--filter TEXT] [--update] [-o table|json|yaml]", summary: "run a chart's unit tests (tests/*.yaml); exit code 7 when one fails",
  flags: {
    ...outputFlag, filter: { type: "string", value: "TEXT", help: "only tests whose name holds this text" },
    update: { type: "boolean", help: "write the snapshots anew, in tests/snapshots/" }, ...boundFlags,
  },
  async run(context) {
    const words = parseWords(chartTestCommand, context.words, { min: 0, max: 1 });
    const form = parseOutputForm(words.text("output"));
    let folder = readChartFolder(words.names[0]);
    const filter = words.text("filter") ?? "";
    const run = () => withRenderer(words, (renderer) => runBoundedChartTests(folder.tree, { filter, render: (request) => renderer.render(request, context.signal) }));
    let results = await run();
    if (results.length === 0) throw new CommandError(exitCodes.notFound, filter === "" ? `${folder.path} has no tests; write them in tests/*.yaml, as docs/charts.md says` : `no test's name holds ${JSON.stringify(filter)}`);
    if (words.isSet("update")) {
      writeSnapshots(folder, results);
      folder = readChartFolder(words.names[0]);
      results = await run();
    }
    const failed = results.filter(({ failures }) => failures.length > 0).length;
    if (form === "table") printResults(context.output, folder, results);
    else printAnswer(context.output, form, { value: { tests: results.map(({ file, name, failures }) => ({ file, name, passed: failures.length === 0, failures: failures.map(({ place, message }) => ({ place: printPlaceIn(folder, place), message })) })), passed: results.length - failed, failed }, headings: [], rows: [], empty: "" });
    return failed > 0 ? exitCodes.faulty : exitCodes.done;
  },
};

function printResults(output: CommandOutput, folder: Folder, results: readonly ChartTestResult[]): void {
  for (const { name, failures } of results) {
    output.print(`${failures.length === 0 ? "ok    " : "FAILED"} ${name}`);
    for (const { place, message } of failures) output.print(`       ${printPlaceIn(folder, place)}: ${message}`);
  }
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  output.print(`${results.length - failed} passed, ${failed} failed`);
}

function writeSnapshots(folder: Folder, results: readonly ChartTestResult[]): void {
  for (const [file, text] of printSnapshots(folder.tree, results)) {
    const path = join(folder.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
