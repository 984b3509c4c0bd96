import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { readApplication } from "../application.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm } from "../print.ts";
import { printAnswer } from "../print.ts";
import { plainText, printTable } from "../table.ts";
import type { Application } from "../../src/model/kinds/application.ts";

/** `capstan app get`. */
export const appGetCommand: Command = {
  name: "app get", usage: "NAME [-o table|json|yaml]", summary: "one application: source, state, cause, resources",
  flags: { ...connectFlags, ...outputFlag },
  async run(context) {
    const words = parseWords(appGetCommand, context.words, { min: 1, max: 1 });
    const form = parseOutputForm(words.text("output"));
    const application = await withConnection(context, words.text("kubeconfig"), ({ client }) => readApplication(client, words));
    if (form === "table") context.output.print(describe(application));
    else printAnswer(context.output, form, { value: application, headings: [], rows: [], empty: "" });
    return exitCodes.done;
  },
};

function describe(application: Application): string {
  const { spec, status, metadata } = application;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["name", `${metadata.namespace ?? ""}/${metadata.name}`], ["source", `${spec.source.repoURL} ${spec.source.targetRevision ?? "HEAD"} ${spec.source.chart ?? spec.source.path ?? "."}`],
    ["revision", status.sync?.revision], ["commit", (status.sync?.message ?? "").split("\n")[0]], ["author", status.sync?.author],
    ["sync", status.sync?.status ?? "Unknown"], ["health", status.health?.status ?? "Unknown"], ["cause", status.health?.message],
    ["rolled back from", status.pinnedRevision],
    ["operation", status.operationState === undefined ? undefined : `${status.operationState.phase} ${status.operationState.sync ?? ""} ${status.operationState.message ?? ""}`],
  ];
  const lines = facts.filter(([, value]) => value !== undefined && value.trim() !== "").map(([name, value]) => `${`${name}:`.padEnd(18)}${plainText(value ?? "")}`);
  const problems = (status.conditions ?? []).flatMap((condition) => condition.message.split("\n").map((line) => `problem:          ${plainText(line)}`));
  const rows = (status.resources ?? []).map((one) => [one.kind, one.namespace ?? "", one.name, one.status ?? "", one.health?.status ?? "", one.health?.message ?? ""]);
  const table = rows.length === 0 ? [] : ["", printTable(["KIND", "NAMESPACE", "NAME", "SYNC", "HEALTH", "MESSAGE"], rows)];
  return [...lines, ...problems, ...table].join("\n");
}
