import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { refOf } from "../../src/model/object.ts";
import { testRequestAnnotation, testResultAnnotation } from "../../src/reconcile/tracking.ts";
import { readApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { operationTimeoutSeconds } from "./app-sync.ts";

/** How often the command looks. */
const lookIntervalMs = 250;

/** `capstan app test`. */
export const appTestCommand: Command = {
  name: "app test", usage: "NAME [--timeout SECONDS]", summary: "run the test hooks of what is deployed",
  flags: { ...connectFlags, timeout: { type: "string", value: "SECONDS", help: `how long to wait (default ${operationTimeoutSeconds})` } },
  async run(context) {
    const words = parseWords(appTestCommand, context.words, { min: 1, max: 1 });
    return withConnection(context, words.text("kubeconfig"), async ({ client }) => {
      const ref = refOf(await readApplication(client, words));
      await client.patch(ApplicationKind, ref, { type: "merge", body: { metadata: { annotations: { [testRequestAnnotation]: String(context.nowMs()), [testResultAnnotation]: null } } } });
      const deadlineMs = context.nowMs() + Number(words.text("timeout") ?? operationTimeoutSeconds) * 1000;
      for (;;) {
        const result = (await client.get(ApplicationKind, ref))?.metadata.annotations?.[testResultAnnotation];
        if (result !== undefined) {
          context.output.print(result);
          return result.startsWith("Succeeded") ? exitCodes.done : exitCodes.refused;
        }
        if (context.nowMs() > deadlineMs) throw new CommandError(exitCodes.failed, `the tests of ${ref.name} still run; the answer will be its annotation ${testResultAnnotation}`);
        await context.sleep(lookIntervalMs);
      }
    });
  },
};
