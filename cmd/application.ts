import type { Client } from "../src/api/client.ts";
import { ApplicationKind } from "../src/model/kinds/application.ts";
import type { Application } from "../src/model/kinds/application.ts";
import { refOf } from "../src/model/object.ts";
import type { CommandContext } from "./command.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { ParsedWords } from "./parse.ts";

/** The application a command names. Throws CommandError when there is none. */
export async function readApplication(client: Client, words: ParsedWords): Promise<Application> {
  const ref = { namespace: words.text("namespace") ?? "default", name: words.names[0] ?? "" };
  const application = await client.get(ApplicationKind, ref);
  if (application === undefined) throw new CommandError(exitCodes.notFound, `no application ${ref.name} in namespace ${ref.namespace}; see capstan app list`);
  return application;
}

/** How often a waiting command looks. */
const lookIntervalMs = 250;

/** Waits until a wish of an application was taken and its sync has ended, telling progress. Answers the application as it is then. */
export async function waitForOperation(client: Client, before: Application, context: CommandContext, timeoutMs: number): Promise<Application> {
  const deadlineMs = context.nowMs() + timeoutMs;
  let told = "";
  for (;;) {
    const application = await client.get(ApplicationKind, refOf(before));
    if (application === undefined) throw new CommandError(exitCodes.notFound, `application ${before.metadata.name} was removed meanwhile`);
    const state = application.status.operationState;
    const text = state === undefined ? "waiting" : `${state.phase}: ${state.message ?? ""}`;
    if (text !== told) context.output.note(told = text);
    const isTaken = !Object.keys(application.metadata.annotations ?? {}).some((name) => name === "capstan.dev/sync-requested" || name === "capstan.dev/rollback-to");
    const isOver = state === undefined || state.phase === "Succeeded" || state.phase === "Failed" || state.phase === "Superseded";
    if (isTaken && isOver) return application;
    if (context.nowMs() > deadlineMs) throw new CommandError(exitCodes.failed, `still ${text} after ${Math.round(timeoutMs / 1000)} s; the sync goes on: capstan app get ${before.metadata.name}`);
    await context.sleep(lookIntervalMs);
  }
}
