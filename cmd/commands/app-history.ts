import { SyncKind } from "../../src/model/kinds/sync.ts";
import { applicationLabel } from "../../src/reconcile/tracking.ts";
import { readApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm, printAnswer } from "../print.ts";
import { printAgo } from "../table.ts";

/** `capstan app history`. */
export const appHistoryCommand: Command = {
  name: "app history", usage: "NAME [-o table|json|yaml]", summary: "its syncs, newest first",
  flags: { ...connectFlags, ...outputFlag },
  async run(context) {
    const words = parseWords(appHistoryCommand, context.words, { min: 1, max: 1 });
    const form = parseOutputForm(words.text("output"));
    return withConnection(context, words.text("kubeconfig"), async ({ client }) => {
      const application = await readApplication(client, words);
      const { items } = await client.list(SyncKind, { namespace: application.metadata.namespace ?? "", labelSelector: `${applicationLabel}=${application.metadata.name}` });
      const syncs = items.toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration);
      const kept = new Set(application.status.history?.map((entry) => entry.sync));
      const rows = syncs.map((sync) => [
        sync.metadata.name, sync.spec.trigger, sync.spec.revision.slice(0, 8), sync.status.phase ?? "", printAgo(sync.status.finishedAt ?? sync.metadata.creationTimestamp, context.nowMs()),
        kept.has(sync.metadata.name) ? "yes" : "", sync.spec.author ?? "", (sync.spec.message ?? "").split("\n")[0] ?? "",
      ]);
      printAnswer(context.output, form, { value: syncs, headings: ["SYNC", "TRIGGER", "REVISION", "PHASE", "AGE", "ROLLBACK", "AUTHOR", "MESSAGE"], rows, empty: "no syncs yet" });
      return exitCodes.done;
    });
  },
};
