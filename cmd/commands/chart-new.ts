import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { chartLanguages, readNewChart } from "../../charts/new-chart.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** What may name a chart and, since they carry it as a label and a container's name, its objects. */
const namePattern = /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/;

/** `capstan chart new`: a chart to begin with. */
export const chartNewCommand: Command = {
  name: "chart new", usage: "FOLDER [--engine handlebars|go]", summary: "make a chart that renders, with tests and a schema; its name is the folder's",
  flags: { engine: { type: "string", value: "handlebars|go", help: "language of the templates (default handlebars; go is Helm's)" } },
  async run(context) {
    const words = parseWords(chartNewCommand, context.words, { min: 1, max: 1 });
    const language = chartLanguages.find((one) => one === (words.text("engine") ?? "handlebars"));
    if (language === undefined) throw new CommandError(exitCodes.usage, `--engine ${words.text("engine") ?? ""}: choose one of ${chartLanguages.join(", ")}`);
    const folder = words.names[0] ?? "";
    const path = resolve(folder);
    const name = basename(path);
    if (!namePattern.test(name)) throw new CommandError(exitCodes.usage, `${JSON.stringify(name)} cannot name a chart: lower-case letters, digits and dashes, a letter first, at most 52`);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined && readdirSync(path).length > 0) throw new CommandError(exitCodes.refused, `${path} is not empty; nothing was written`);
    const files = await readNewChart(language, name);
    for (const [file, text] of files) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    context.output.print([`made the chart ${name} in ${folder}/ (${files.size} files)`, "", `  capstan chart test ${folder}      run its tests`, `  capstan chart lint ${folder}      look for mistakes`, `  capstan chart render ${folder}    see its objects`].join("\n"));
    return exitCodes.done;
  },
};
