import { ApiError } from "../../model/api-error.ts";
import { withCondition } from "../../model/conditions.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { PodDisruptionBudget } from "../../model/kinds/policy.ts";
import { PodDisruptionBudgetKind } from "../../model/kinds/policy.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isReady } from "../../model/pods.ts";
import type { JsonObject } from "../../value/json.ts";
import { isJsonObject } from "../../value/json.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import { printTime } from "../../world/clock.ts";
import { commitDraft } from "../commit.ts";
import { demandAccess } from "../context.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, notFound } from "../errors.ts";
import { objectKey, prefixOf } from "../keys.ts";
import { removeOptionsOf } from "../remove-options.ts";
import { jsonOf, metadataOf, textOf } from "../shape.ts";
import type { Staging } from "../staging.ts";
import type { Caller } from "../verbs.ts";
import { draftRemove } from "../verbs/remove.ts";
import { draftUpdate } from "../verbs/update.ts";
import type { Action, ActionTarget } from "./action.ts";

/** Pods a budget may count as just evicted before evictions stop, upstream's MaxDisruptedPodSize. */
const disruptedPodsMax = 2_000;
/** Seconds a client waits for a budget whose controller is behind. */
const budgetBehindSeconds = 10;

/** `pods/eviction`: removes a pod unless a disruption budget forbids it. @see kubernetes pkg/registry/core/pod/storage/eviction.go */
export const evict: Action = { kind: PodKind, name: "eviction", run: runEviction };

async function runEviction(context: ApiContext, caller: Caller, { ref, body, dryRun }: ActionTarget): Promise<JsonObject> {
  demandAccess(context, caller, { verb: "create", kind: PodKind, subresource: "eviction", ...ref });
  const name = textOf(metadataOf(body), "name");
  if (name !== ref.name && name !== "") throw badRequest(`name in URL does not match name in Eviction object: ${ref.name} vs ${name}`);
  const options = removeOptionsOf(isJsonObject(body["deleteOptions"]) ? body["deleteOptions"] : {});
  await commitDraft(context, (staging) => {
    const entry = staging.depend(objectKey(PodKind, ref));
    if (entry === undefined) throw notFound(PodKind, ref.name);
    const pod = context.objects.inStaging(PodKind, entry, staging) as Pod;
    if (!isFree(pod)) chargeBudget(context, staging, { caller, ref, pod });
    const conditions = withCondition(pod.status.conditions, { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" }, staging.facts.nowMs);
    const evicted: Pod = { ...pod, status: { ...pod.status, conditions } };
    writeStatus(context, staging, { caller, kind: PodKind, object: evicted });
    return draftRemove(context, staging, { kind: PodKind, ref, options, caller, entry: staging.get(entry.key) ?? entry });
  }, dryRun || options.dryRun === true);
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
}

/** Pods that serve nobody, or go already, need no budget. */
function isFree({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || status.phase === "Succeeded" || status.phase === "Failed" || status.phase === "Pending";
}

/** Takes one disruption from the pod's budget, if it has one. Throws TooManyRequests when there is none left. */
function chargeBudget(context: ApiContext, staging: Staging, { caller, ref, pod }: { readonly caller: Caller; readonly ref: ObjectRef; readonly pod: Pod }): void {
  const budgets = staging.list(prefixOf(PodDisruptionBudgetKind, ref.namespace))
    .map((entry) => context.objects.inStaging(PodDisruptionBudgetKind, entry, staging) as PodDisruptionBudget)
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), pod.metadata.labels));
  const [budget, ...others] = budgets;
  if (budget === undefined) return;
  if (others.length > 0) throw new ApiError("InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  const verdict = judgeEviction(budget, isReady(pod));
  if (verdict.kind === "refused") throw verdict.error;
  if (verdict.kind === "free") return;
  staging.depend(objectKey(PodDisruptionBudgetKind, { namespace: ref.namespace, name: budget.metadata.name }));
  const status = { ...budget.status, disruptionsAllowed: (budget.status.disruptionsAllowed ?? 0) - 1, disruptedPods: { ...budget.status.disruptedPods, [ref.name]: printTime(staging.facts.nowMs) } };
  const charged: PodDisruptionBudget = { ...budget, status };
  writeStatus(context, staging, { caller, kind: PodDisruptionBudgetKind, object: charged });
}

/** What a budget says of one more eviction. */
export type EvictionVerdict =
  | { readonly kind: "charged" }
  /** An unready pod that the budget does not count. */
  | { readonly kind: "free" }
  | { readonly kind: "refused"; readonly error: ApiError };

/** Decides whether a budget lets a pod go. Pure. */
export function judgeEviction({ metadata, spec, status }: PodDisruptionBudget, isPodReady: boolean): EvictionVerdict {
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, observedGeneration = 0, disruptedPods = {} } = status;
  if (!isPodReady && spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return { kind: "free" };
  if (!isPodReady && currentHealthy >= desiredHealthy && desiredHealthy > 0) return { kind: "free" };
  if (observedGeneration < (metadata.generation ?? 0)) return { kind: "refused", error: tooManyDisruptions(`The disruption budget ${metadata.name} is still being processed by the server.`, budgetBehindSeconds) };
  const forbidden = (why: string): EvictionVerdict => ({ kind: "refused", error: new ApiError("Forbidden", `poddisruptionbudgets.policy ${JSON.stringify(metadata.name)} is forbidden: ${why}`, { details: { group: "policy", kind: "poddisruptionbudgets", name: metadata.name } }) });
  if (disruptionsAllowed < 0) return forbidden("pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > disruptedPodsMax) return forbidden("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  if (disruptionsAllowed > 0) return { kind: "charged" };
  return { kind: "refused", error: tooManyDisruptions(`The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`, undefined) };
}

function tooManyDisruptions(why: string, retryAfterSeconds: number | undefined): ApiError {
  return new ApiError("TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds }, causes: [{ type: "DisruptionBudget", path: "", detail: why }],
  });
}

function writeStatus(context: ApiContext, staging: Staging, { caller, kind, object }: { readonly caller: Caller; readonly kind: typeof PodKind | typeof PodDisruptionBudgetKind; readonly object: ApiObject }): void {
  const { namespace = "", name } = object.metadata;
  const entry = staging.get(objectKey(kind, { namespace, name }));
  if (entry !== undefined) draftUpdate(context, staging, { kind, ref: { namespace, name }, caller, entry, subresource: "status", body: jsonOf(object) });
}
