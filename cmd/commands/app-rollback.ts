import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { refOf } from "../../src/model/object.ts";
import { requestedByAnnotation, rollbackRequestAnnotation } from "../../src/reconcile/tracking.ts";
import { readApplication, waitForOperation } from "../application.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { readPlan } from "./app-plan.ts";
import { operationTimeoutSeconds, waitFlags } from "./app-sync.ts";

/** `capstan app rollback`. */
export const appRollbackCommand: Command = {
  name: "app rollback", usage: "NAME [SYNC|REVISION] [--yes]", summary: "show the plan, go back at once, and write the revert commit to Git",
  flags: { ...connectFlags, ...waitFlags, yes: { type: "boolean", short: "y", help: "do not ask" } },
  async run(context) {
    const words = parseWords(appRollbackCommand, context.words, { min: 1, max: 2 });
    return withConnection(context, words.text("kubeconfig"), async (connection) => {
      const application = await readApplication(connection.client, words);
      const history = application.status.history ?? [];
      const wish = words.names[1];
      const target = wish === undefined ? history.at(-2) : history.findLast((entry) => entry.sync === wish || (wish.length >= 4 && entry.revision.startsWith(wish)));
      if (target === undefined) throw new CommandError(exitCodes.notFound, wish === undefined ? "there is no earlier sync to go back to" : `${wish} is not in the history; see capstan app history ${application.metadata.name}`);
      const plan = await readPlan(connection, refOf(application), target.sync);
      context.output.print(`back to ${target.sync} (${target.revision.slice(0, 8)} ${(target.message ?? "").split("\n")[0]})\n${plan.lines.join("\n")}`);
      if (plan.isRefused) return exitCodes.refused;
      if (!words.isSet("yes") && !(await context.confirm("Roll back?"))) throw new CommandError(exitCodes.failed, "nothing was changed; say --yes where nobody can be asked");
      const by = context.environment["USER"] ?? "cli";
      await connection.client.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { annotations: { [rollbackRequestAnnotation]: target.sync, [requestedByAnnotation]: by } } } });
      if (words.isSet("no-wait")) return exitCodes.done;
      const after = await waitForOperation(connection.client, application, context, Number(words.text("timeout") ?? operationTimeoutSeconds) * 1000);
      context.output.print(`${after.status.operationState?.phase ?? ""}: ${after.status.operationState?.message ?? ""}`);
      return after.status.operationState?.phase === "Failed" ? exitCodes.refused : exitCodes.done;
    });
  },
};
