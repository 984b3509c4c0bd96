import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { withCondition } from "../../model/conditions.ts";
import { BindingKind } from "../../model/kinds/binding.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { commitDraft } from "../commit.ts";
import { demandAccess } from "../context.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { jsonOf, metadataOf, textOf } from "../shape.ts";
import type { Caller } from "../verbs.ts";
import { draftUpdate } from "../verbs/update.ts";
import type { Action, ActionTarget } from "./action.ts";

/** `pods/binding`: gives a pod its node, once. @see kubernetes pkg/registry/core/pod/storage BindingREST */
export const bind: Action = {
  kind: PodKind, name: "binding",
  async run(context, caller, target) {
    demandAccess(context, caller, { verb: "create", kind: PodKind, subresource: "binding", ...target.ref });
    return runBinding(context, caller, target);
  },
};

/** The same as a `bindings` of the namespace, whose name is the pod's. */
export const bindByName: Action = {
  kind: BindingKind, name: "",
  async run(context, caller, target) {
    demandAccess(context, caller, { verb: "create", kind: BindingKind, namespace: target.ref.namespace });
    return runBinding(context, caller, target);
  },
};

async function runBinding(context: ApiContext, caller: Caller, { ref, body, dryRun }: ActionTarget): Promise<JsonObject> {
  const { nodeName, annotations } = parseBinding(body, ref.name);
  await commitDraft(context, (staging) => {
    const entry = staging.depend(objectKey(PodKind, ref));
    if (entry === undefined) throw notFound(PodKind, ref.name);
    const pod = context.objects.inStaging(PodKind, entry, staging) as Pod;
    const reason = whyNotBound(pod);
    if (reason !== undefined) throw conflict(PodKind, ref.name, reason);
    const { resourceVersion: _revision, ...metadata } = pod.metadata;
    const bound: Pod = { ...pod, metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...metadata.annotations, ...annotations } }) }, spec: { ...pod.spec, nodeName } };
    draftUpdate(context, staging, { kind: PodKind, ref, caller, entry, body: jsonOf(bound) });
    const conditions = withCondition(pod.status.conditions, { type: "PodScheduled", status: "True" }, staging.facts.nowMs);
    const scheduled: Pod = { ...bound, status: { ...pod.status, conditions } };
    return draftUpdate(context, staging, { kind: PodKind, ref, caller, entry: staging.get(entry.key) ?? entry, subresource: "status", body: jsonOf(scheduled) });
  }, dryRun);
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
}

function parseBinding(body: JsonObject, podName: string): { readonly nodeName: string; readonly annotations: Readonly<Record<string, string>> } {
  const metadata = metadataOf(body);
  if (textOf(metadata, "name") !== podName && textOf(metadata, "name") !== "") throw badRequest("name in URL does not match name in Binding object");
  const target = isJsonObject(body["target"]) ? body["target"] : {};
  const kind = textOf(target, "kind");
  const nodeName = textOf(target, "name");
  const named = { group: "", kind: "Binding" };
  if (kind !== "" && kind !== "Node") throw invalidError(named, podName, [{ type: "NotSupported", path: "target.kind", value: kind, detail: 'supported values: "Node", "<empty>"' }]);
  if (nodeName === "") throw invalidError(named, podName, [{ type: "Required", path: "target.name", detail: "" }]);
  const annotations = isJsonObject(metadata["annotations"]) ? metadata["annotations"] : {};
  return { nodeName, annotations: Object.fromEntries(Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === "string")) };
}

function whyNotBound({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  if ((spec.nodeName ?? "") !== "") return `pod ${metadata.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
  return (spec.schedulingGates ?? []).length > 0 ? `pod ${metadata.name} has non-empty .spec.schedulingGates` : undefined;
}

