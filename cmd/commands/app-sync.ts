import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { refOf } from "../../src/model/object.ts";
import { refreshAnnotation, requestedByAnnotation, syncRequestAnnotation } from "../../src/reconcile/tracking.ts";
import { readApplication, waitForOperation } from "../application.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** How long `app sync` and `app rollback` wait when not told. */
export const operationTimeoutSeconds = 300;

/** Flags of commands that start a sync. */
export const waitFlags = {
  "no-wait": { type: "boolean", help: "do not wait for the end" },
  timeout: { type: "string", value: "SECONDS", help: `how long to wait (default ${operationTimeoutSeconds})` },
} as const;

/** `capstan app sync`. */
export const appSyncCommand: Command = {
  name: "app sync", usage: "NAME [--no-wait] [--timeout SECONDS]", summary: "ask Git now and sync, prune included",
  flags: { ...connectFlags, ...waitFlags },
  async run(context) {
    const words = parseWords(appSyncCommand, context.words, { min: 1, max: 1 });
    return withConnection(context, words.text("kubeconfig"), async ({ client }) => {
      const application = await readApplication(client, words);
      const by = context.environment["USER"] ?? "cli";
      await client.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { annotations: { [syncRequestAnnotation]: by, [requestedByAnnotation]: by, [refreshAnnotation]: "Manual" } } } });
      if (words.isSet("no-wait")) return exitCodes.done;
      const after = await waitForOperation(client, application, context, Number(words.text("timeout") ?? operationTimeoutSeconds) * 1000);
      const problem = after.status.conditions?.[0]?.message;
      context.output.print(problem ?? `${after.status.sync?.status ?? "Unknown"} at ${(after.status.sync?.revision ?? "").slice(0, 12)}`);
      return problem !== undefined || after.status.operationState?.phase === "Failed" ? exitCodes.refused : exitCodes.done;
    });
  },
};
