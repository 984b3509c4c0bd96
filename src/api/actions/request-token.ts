import { TokenRequestKind } from "../../model/kinds/reviews.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import { invalidError } from "../../model/print-field-error.ts";
import { asJson } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
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
  const errors = TokenRequestKind.validate?.(request, undefined) ?? [];
  if (errors.length > 0) throw invalidError(TokenRequestKind, ref.name, errors);
  if (nodeNameOf(caller.user) !== undefined && request.spec.boundObjectRef?.kind !== "Pod") throw forbidden(ServiceAccountKind, ref.name, "node requested token not bound to a pod");
  const entry = context.store.get(objectKey(ServiceAccountKind, ref));
  const account = entry === undefined ? undefined : context.objects.of(ServiceAccountKind, entry).object();
  if (account === undefined || !isOfKind(ServiceAccountKind, account)) throw notFound(ServiceAccountKind, ref.name);
  const status = await context.accountTokens.issue(account, request.spec);
  return asJson({ ...request, metadata: { ...request.metadata, name: ref.name, namespace: ref.namespace }, status });
}
