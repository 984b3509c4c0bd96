import { notFound } from "../api/errors.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { ObjectRef } from "../model/object.ts";
import { isEmptyPlan, stepsOf } from "../reconcile/plan.ts";
import { previewRollback, previewSync, printPreview } from "../reconcile/preview.ts";
import { printProblems } from "../reconcile/problem.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { Json } from "../value/json.ts";
import { asJson } from "../value/json.ts";

/** What a sync, or going back to a sync, would do, as JSON for the page and the commands. Values of secrets are hidden. */
export async function previewAnswer(reconciler: Reconciler, ref: ObjectRef, toSync: string | undefined): Promise<Json> {
  const application = await reconciler.client.get(ApplicationKind, ref);
  if (application === undefined) throw notFound(ApplicationKind, ref.name);
  const preview = toSync === undefined ? await previewSync(reconciler, application) : await previewRollback(reconciler, application, toSync);
  const steps = preview.plan === undefined ? [] : stepsOf(preview.plan);
  return asJson({
    application: preview.application, revision: preview.revision, isEmpty: preview.problems.length === 0 && (preview.plan === undefined || isEmptyPlan(preview.plan)),
    lines: printPreview(preview, application), problems: printProblems(preview.problems),
    steps: steps.map((step) => ({ action: step.action, group: step.group, kind: step.kind, namespace: step.namespace, name: step.name, wave: step.wave, changes: step.changes })),
  });
}
