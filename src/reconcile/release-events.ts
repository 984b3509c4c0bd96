import type { ControllerContext, Outcome } from "../control/controller.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { refOf } from "../model/object.ts";
import { writerOf } from "./account.ts";
import { loadRender } from "./ask-git.ts";
import { hooksAt } from "./hooks.ts";
import type { DesiredHook, HookEvent } from "./hooks.ts";
import type { Loop } from "./loop.ts";
import type { Memory } from "./memory.ts";
import { HookRun } from "./run-hooks.ts";
import { applicationKey, testRequestAnnotation, testResultAnnotation } from "./tracking.ts";

/** Hooks outside a sync are looked at this often. */
const lookMs = 500;

/** A removal whose hook failed is tried again after this. */
const deleteAgainMs = 60_000;

/** The hooks of what was deployed last; none where nothing was, or its record is gone. */
async function deployedHooks(loop: Loop, application: Application, context: ControllerContext): Promise<readonly DesiredHook[]> {
  const running = application.status.history?.at(-1);
  if (running === undefined) return [];
  return (await loadRender(loop, application, running.sync, context)).wanted?.hooks ?? [];
}

function runOf(loop: Loop, application: Application, { hooks, event, mark }: { readonly hooks: readonly DesiredHook[]; readonly event: HookEvent; readonly mark: string }): HookRun {
  return new HookRun(hooksAt(event, hooks), { client: loop.client, writer: writerOf(loop, application), find: (apiVersion, kind) => loop.kinds.find(apiVersion, kind), clock: loop.world.clock, mark });
}

/** Runs the hooks of one side of a removal, a step at each look. Undefined when they are through. */
export async function stepRemoval(loop: Loop, application: Application, side: "pre-delete" | "post-delete", context: ControllerContext): Promise<Outcome | undefined> {
  const memory = loop.memoryOf(applicationKey(application));
  const known = memory.removal ?? { attempt: 1, hooks: await deployedHooks(loop, application, context), done: new Set<string>() };
  memory.removal = known;
  if (known.done.has(side)) return undefined;
  known.run ??= runOf(loop, application, { hooks: known.hooks, event: side, mark: `${side}-${application.metadata.uid ?? ""}-${known.attempt}` });
  const step = await known.run.step();
  if (step.kind === "waiting") return { kind: "wait", afterMs: lookMs, reason: `its ${side} hooks run` };
  delete known.run;
  if (step.kind === "done") {
    known.done.add(side);
    return undefined;
  }
  known.attempt++;
  context.writer.event(application, { type: "Warning", reason: "HookFailed", message: `${step.message}; the removal is tried again` });
  return { kind: "wait", afterMs: deleteAgainMs, reason: "a hook of its removal failed" };
}

/** Runs the tests of a release somebody asked for, a step at each look; says how they ended in an annotation and an event. Undefined when there is nothing to do. */
export async function stepTests(loop: Loop, memory: Memory, application: Application, context: ControllerContext): Promise<Outcome | undefined> {
  const asked = application.metadata.annotations?.[testRequestAnnotation];
  if (asked === undefined) {
    delete memory.tests;
    return undefined;
  }
  if (memory.tests?.asked !== asked) {
    const deployed = await deployedHooks(loop, application, context);
    memory.tests = { asked, hooks: hooksAt("test", deployed).length, run: runOf(loop, application, { hooks: deployed, event: "test", mark: `test-${asked}` }) };
  }
  const { run, hooks } = memory.tests;
  const step = await run.step();
  if (step.kind === "waiting") return { kind: "wait", afterMs: lookMs, reason: "its tests run" };
  delete memory.tests;
  const isGood = step.kind === "done";
  const message = !isGood ? step.message : hooks === 0 ? "the chart has no tests" : `${hooks} ${hooks === 1 ? "test" : "tests"} passed`;
  context.writer.event(application, { type: isGood ? "Normal" : "Warning", reason: isGood ? "TestSucceeded" : "TestFailed", message });
  await context.writer.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { annotations: { [testRequestAnnotation]: null, [testResultAnnotation]: `${isGood ? "Succeeded" : "Failed"}: ${message}` } } } });
  return undefined;
}
