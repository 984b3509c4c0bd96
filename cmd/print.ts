import type { Json } from "../src/value/json.ts";
import { printYaml } from "../src/value/print-yaml.ts";
import type { CommandOutput } from "./command.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { printTable } from "./table.ts";

/** The forms of `-o`. */
export const outputForms = ["table", "json", "yaml"] as const;
export type OutputForm = (typeof outputForms)[number];

/** The flag every command with an answer has. */
export const outputFlag = { output: { type: "string", short: "o", value: outputForms.join("|"), help: "form of the answer (default table)" } } as const;

/** Reads `-o`. Throws CommandError. */
export function parseOutputForm(text: string | undefined): OutputForm {
  const form = outputForms.find((one) => one === (text ?? "table"));
  if (form === undefined) throw new CommandError(exitCodes.usage, `-o ${text ?? ""}: choose one of ${outputForms.join(", ")}`);
  return form;
}

/** Prints an answer in the form asked for. */
export function printAnswer(output: CommandOutput, form: OutputForm, answer: { readonly value: object; readonly headings: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly empty: string }): void {
  if (form === "json") output.print(JSON.stringify(answer.value, withoutManagedFields, 2));
  else if (form === "yaml") output.print(printYaml(JSON.parse(JSON.stringify(answer.value, withoutManagedFields)) as Json).trimEnd());
  else output.print(answer.rows.length === 0 ? answer.empty : printTable(answer.headings, answer.rows));
}

/** Who owns which field is shown by kubectl to those who ask for it. */
function withoutManagedFields(name: string, value: unknown): unknown {
  return name === "managedFields" ? undefined : value;
}
