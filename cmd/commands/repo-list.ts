import { RepositoryKind } from "../../src/model/kinds/repository.ts";
import type { Command } from "../command.ts";
import { flagsWithNamespace, withConnection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";
import { printAgo } from "../table.ts";

/** `capstan repo list`. */
export const repoListCommand: Command = {
  name: "repo list", usage: "[-o table|json|yaml]", summary: "the repositories that are known, hosted and outside",
  flags: { ...flagsWithNamespace("only those of this namespace (default all)"), ...outputFlag },
  async run(context) {
    const words = parseWords(repoListCommand, context.words, { min: 0, max: 0 });
    const form = parseOutputForm(words.text("output"));
    const namespace = words.text("namespace");
    const { items } = await withConnection(context, words.text("kubeconfig"), ({ client }) => client.list(RepositoryKind, namespace === undefined ? {} : { namespace }));
    const rows = items.map((one) => {
      const ready = one.status.conditions?.find((condition) => condition.type === "Ready");
      return [one.metadata.namespace ?? "", one.metadata.name, one.spec.hosted === true ? "hosted here" : (one.spec.url ?? ""), ready?.status ?? "Unknown", printAgo(one.status.fetchedAt, context.nowMs()), ready?.message ?? ""];
    });
    printAnswer(context.output, form, { value: items, headings: ["NAMESPACE", "NAME", "URL", "READY", "FETCHED", "MESSAGE"], rows, empty: "no repositories" });
    return exitCodes.done;
  },
};
