import type { BoundObjectReference } from "../../model/generated/authentication-v1.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { TokenRequestKind } from "../../model/kinds/reviews.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import { invalid } from "../../model/checks.ts";
import type { FieldError } from "../../model/field-error.ts";
import type { ObjectMeta } from "../../model/generated/meta-v1.ts";
import type { ObjectRef } from "../../model/object.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { asJson } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { readStored } from "../encode.ts";
import { forbidden, notFound, notServed } from "../errors.ts";
import { objectKey } from "../keys.ts";
import { nodeNameOf } from "../nodes-as-users.ts";
import { completeObject, decodeBody } from "../rules.ts";
import { isOfKind, objectOf } from "../shape.ts";
import type { Caller } from "../verbs.ts";
import { checkBody } from "../verbs/create.ts";
import type { Action, ActionTarget } from "./action.ts";

/** `serviceaccounts/token`. */
export const tokenOfAccount: Action = { kind: ServiceAccountKind, name: "token", run: requestToken };

/** A token of a ServiceAccount, as `serviceaccounts/token` gives it. A node gets those of its pods alone. */
async function requestToken(context: ApiContext, caller: Caller, target: ActionTarget): Promise<JsonObject> {
  const { ref } = target;
  demandAccess(context, caller, { verb: "create", kind: ServiceAccountKind, subresource: "token", ...ref });
  if (context.accountTokens === undefined) throw notServed();
  const { body } = decodeBody(TokenRequestKind, checkBody(TokenRequestKind, { namespace: ref.namespace, body: target.body }));
  const request = objectOf(completeObject(TokenRequestKind, body, undefined));
  if (!isOfKind(TokenRequestKind, request)) throw notServed();
  const errors = [...checkPlace(request.metadata, ref), ...TokenRequestKind.validate?.(request, undefined) ?? []];
  if (errors.length > 0) throw invalidError(TokenRequestKind, ref.name, errors);
  const trespass = whyNotForNode(context, caller, { ref, bound: request.spec.boundObjectRef });
  if (trespass !== undefined) throw forbidden(ServiceAccountKind, ref.name, trespass);
  const entry = context.store.get(objectKey(ServiceAccountKind, ref));
  const account = entry === undefined ? undefined : context.objects.of(ServiceAccountKind, entry).object();
  if (account === undefined || !isOfKind(ServiceAccountKind, account)) throw notFound(ServiceAccountKind, ref.name);
  const status = await context.accountTokens.issue(account, request.spec);
  return asJson({ ...request, metadata: { ...request.metadata, name: ref.name, namespace: ref.namespace }, status });
}

/** What the body says of its place must be the path's. */
function checkPlace(metadata: ObjectMeta, ref: ObjectRef): readonly FieldError[] {
  return (["name", "namespace"] as const).flatMap((field) => {
    const value = metadata[field] ?? "";
    return value === "" || value === ref[field] ? [] : [invalid(`metadata.${field}`, value, `must match the service account ${field} if specified`)];
  });
}

/** Why a node does not get this token: it gets those of the pods bound to it alone. @see kubernetes plugin/pkg/admission/noderestriction admitServiceAccount */
function whyNotForNode({ store }: ApiContext, { user }: Caller, { ref, bound }: { readonly ref: ObjectRef; readonly bound: BoundObjectReference | undefined }): string | undefined {
  const nodeName = nodeNameOf(user);
  if (nodeName === undefined) return undefined;
  if (bound?.kind !== "Pod" || (bound.name ?? "") === "") return "node requested token not bound to a pod";
  if ((bound.uid ?? "") === "") return "node requested token with a pod binding without a uid";
  const pod = readStored(store, PodKind, { namespace: ref.namespace, name: bound.name ?? "" });
  if (pod === undefined || !isOfKind(PodKind, pod)) return "node requested token bound to a pod that does not exist";
  return pod.spec.nodeName === nodeName ? undefined : "node requested token bound to a pod scheduled on a different node";
}
