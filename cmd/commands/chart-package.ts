import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packChart } from "../../src/render/chart/pack.ts";
import { lintChart } from "../../src/render/lint.ts";
import { parseVersion } from "../../src/render/version.ts";
import { sha256 } from "../../src/value/digest.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { orRefuse, printPlaceIn, readChartFolder } from "../folder.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";

/** `capstan chart package`: a chart as one file, as `helm package` makes it, but the same bytes for the same chart. */
export const chartPackageCommand: Command = {
  name: "chart package", usage: "[FOLDER] [--into FOLDER] [--version VERSION] [--app-version VERSION] [-o table|json|yaml]", summary: "pack a chart into NAME-VERSION.tgz, which Helm reads; equal charts give equal bytes",
  flags: {
    ...outputFlag, into: { type: "string", value: "FOLDER", help: "where the package is written (default here)" },
    version: { type: "string", value: "VERSION", help: "the package's version instead of that in Chart.yaml" }, "app-version": { type: "string", value: "VERSION", help: "the same of appVersion" },
  },
  async run(context) {
    const words = parseWords(chartPackageCommand, context.words, { min: 0, max: 1 });
    const form = parseOutputForm(words.text("output"));
    const folder = readChartFolder(words.names[0]);
    const version = words.text("version");
    const appVersion = words.text("app-version");
    if (version !== undefined && parseVersion(version) === undefined) throw new CommandError(exitCodes.usage, `--version ${version}: give a semantic version, as 1.2.3`);
    const wrong = version !== undefined ? undefined : lintChart(folder.tree).find(({ rule, level }) => level === "error" && (rule === "metadata" || rule === "chart"));
    if (wrong !== undefined) throw new CommandError(exitCodes.refused, `${printPlaceIn(folder, wrong.place)}: ${wrong.message}`);
    const { fileName, bytes } = orRefuse(() => packChart(folder.tree, { ...(version === undefined ? {} : { version }), ...(appVersion === undefined ? {} : { appVersion }) }));
    const into = words.text("into") ?? ".";
    mkdirSync(into, { recursive: true });
    const file = join(into, fileName);
    writeFileSync(file, bytes);
    const digest = `sha256:${sha256(bytes)}`;
    printAnswer(context.output, form, { value: { file, digest, sizeBytes: bytes.byteLength }, headings: ["FILE", "BYTES", "DIGEST"], rows: [[file, String(bytes.byteLength), digest]], empty: "" });
    return exitCodes.done;
  },
};
