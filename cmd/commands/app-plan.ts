import type { Json } from "../../src/value/json.ts";
import { isJsonObject } from "../../src/value/json.ts";
import { readApplication } from "../application.ts";
import type { Command, CommandContext } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import type { Connection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm } from "../print.ts";
import { printYaml } from "../../src/value/print-yaml.ts";
import { plainText } from "../table.ts";

/** Reads what a sync, or going back to a sync, would do. */
export async function readPlan(connection: Connection, application: { readonly namespace: string; readonly name: string }, toSync: string | undefined): Promise<{ readonly lines: readonly string[]; readonly isEmpty: boolean; readonly isRefused: boolean; readonly value: Json }> {
  const query = toSync === undefined ? "" : `?sync=${encodeURIComponent(toSync)}`;
  const value = await connection.read(`/apis/capstan.dev/v1/namespaces/${encodeURIComponent(application.namespace)}/applications/${encodeURIComponent(application.name)}/plan${query}`);
  const lines = isJsonObject(value) && Array.isArray(value["lines"]) ? (value["lines"] as readonly Json[]).map((line) => (typeof line === "string" ? plainText(line) : "")) : [];
  return { lines, value, isEmpty: isJsonObject(value) && value["isEmpty"] === true, isRefused: isJsonObject(value) && Array.isArray(value["problems"]) && value["problems"].length > 0 };
}

/** `capstan app plan`. */
export const appPlanCommand: Command = {
  name: "app plan", usage: "NAME [--to SYNC] [-o table|json|yaml]", summary: "what a sync, or going back to an earlier sync, would do",
  flags: { ...connectFlags, ...outputFlag, to: { type: "string", value: "SYNC", help: "a sync of the history to go back to" } },
  run: (context) => runPlan(appPlanCommand, context),
};

/** `capstan app diff`: the same question, asked for drift. */
export const appDiffCommand: Command = {
  name: "app diff", usage: "NAME [-o table|json|yaml]", summary: "how what is live differs from the commit; exit code 6 when it does",
  flags: { ...connectFlags, ...outputFlag },
  run: (context) => runPlan(appDiffCommand, context),
};

async function runPlan(command: Command, context: CommandContext): Promise<number> {
  const words = parseWords(command, context.words, { min: 1, max: 1 });
  const form = parseOutputForm(words.text("output"));
  return withConnection(context, words.text("kubeconfig"), async (connection) => {
    const application = await readApplication(connection.client, words);
    const plan = await readPlan(connection, { namespace: application.metadata.namespace ?? "", name: application.metadata.name }, words.text("to"));
    if (form === "table") context.output.print(plan.lines.join("\n"));
    else context.output.print(form === "json" ? JSON.stringify(plan.value, null, 2) : printYaml(plan.value).trimEnd());
    if (plan.isRefused) return exitCodes.refused;
    return plan.isEmpty ? exitCodes.done : exitCodes.differs;
  });
}
