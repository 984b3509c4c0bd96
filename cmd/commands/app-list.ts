import { ApplicationKind } from "../../src/model/kinds/application.ts";
import type { Application } from "../../src/model/kinds/application.ts";
import type { Command } from "../command.ts";
import { flagsWithNamespace, withConnection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";
import { printAgo } from "../table.ts";

/** Headings of applications in a table. */
export const applicationHeadings = ["NAMESPACE", "NAME", "SYNC", "HEALTH", "REVISION", "SYNCED", "CAUSE"];

/** One application as a row. */
export function applicationRow(application: Application, nowMs: number): readonly string[] {
  const { metadata, status } = application;
  const problem = status.conditions?.find((condition) => condition.type === "ComparisonError")?.message.split("\n")[0];
  return [
    metadata.namespace ?? "", metadata.name, status.sync?.status ?? "Unknown", status.health?.status ?? "Unknown", (status.sync?.revision ?? "").slice(0, 8),
    printAgo(status.history?.at(-1)?.deployedAt, nowMs), problem ?? status.health?.message ?? "",
  ];
}

/** `capstan app list`. */
export const appListCommand: Command = {
  name: "app list", usage: "[-o table|json|yaml]", summary: "every application with its state and the one cause when it is not well",
  flags: { ...flagsWithNamespace("only those of this namespace (default all)"), ...outputFlag },
  async run(context) {
    const words = parseWords(appListCommand, context.words, { min: 0, max: 0 });
    const form = parseOutputForm(words.text("output"));
    const namespace = words.text("namespace");
    const { items } = await withConnection(context, words.text("kubeconfig"), ({ client }) => client.list(ApplicationKind, namespace === undefined ? {} : { namespace }));
    printAnswer(context.output, form, { value: items, headings: applicationHeadings, rows: items.map((one) => applicationRow(one, context.nowMs())), empty: "no applications" });
    return exitCodes.done;
  },
};
