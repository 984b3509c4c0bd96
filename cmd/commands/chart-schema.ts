import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readChartTree } from "../../src/render/chart/chart-tree.ts";
import { fileText } from "../../src/render/tree-text.ts";
import { deriveSchema, withEditorLine } from "../../src/render/values-schema.ts";
import { isJsonObject } from "../../src/value/json.ts";
import type { JsonObject } from "../../src/value/json.ts";
import { YamlError } from "../../src/value/yaml.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { orRefuse, readChartFolder } from "../folder.ts";
import type { Folder } from "../folder.ts";
import { parseWords } from "../parse.ts";

const schemaFile = "values.schema.json";

/** `capstan chart schema`: what values may be, from the values file itself. */
export const chartSchemaCommand: Command = {
  name: "chart schema", usage: "[FOLDER] [--write]", summary: "the JSON schema of a chart's values, from values.yaml, its comments and the schema there is",
  flags: { write: { type: "boolean", help: "write values.schema.json, and into values.yaml the line that editors find it by" } },
  async run(context) {
    const words = parseWords(chartSchemaCommand, context.words, { min: 0, max: 1 });
    const folder = readChartFolder(words.names[0]);
    if (!folder.tree.files.has("values.yaml")) throw new CommandError(exitCodes.notFound, `${folder.path} has no values.yaml`);
    const text = `${JSON.stringify(schemaOf(folder), null, 2)}\n`;
    if (!words.isSet("write")) {
      context.output.print(text.trimEnd());
      return exitCodes.done;
    }
    const values = fileText(folder.tree, "values.yaml");
    writeFileSync(join(folder.path, schemaFile), text);
    if (withEditorLine(values) !== values) writeFileSync(join(folder.path, "values.yaml"), withEditorLine(values));
    context.output.print(`wrote ${join(folder.name, schemaFile)}`);
    return exitCodes.done;
  },
};

function schemaOf({ tree }: Folder): JsonObject {
  try {
    return orRefuse(() => {
      const { charts, dependencies } = readChartTree(tree);
      const names = [...charts.map(({ name }) => name), ...dependencies.map(({ name, alias }) => (alias === "" ? name : alias))];
      return deriveSchema(fileText(tree, "values.yaml"), { known: knownSchema(tree), charts: [...new Set(names)] });
    });
  } catch (error) {
    if (error instanceof YamlError) throw new CommandError(exitCodes.refused, error.message);
    throw error;
  }
}

/** The schema there is. Throws CommandError for one that cannot be read. */
function knownSchema(tree: Folder["tree"]): JsonObject {
  if (!tree.files.has(schemaFile)) return {};
  try {
    const schema: unknown = JSON.parse(fileText(tree, schemaFile));
    if (isJsonObject(schema)) return schema;
  } catch (error) {
    throw new CommandError(exitCodes.refused, `${schemaFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new CommandError(exitCodes.refused, `${schemaFile} must hold a map`);
}
