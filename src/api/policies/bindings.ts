import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { CelAuthorizer } from "../../value/cel/libraries/authorizer.ts";
import type { CelAuthority } from "../../value/cel/libraries/authorizer.ts";
import { celOfJson } from "../../value/cel/values.ts";
import type { JsonObject } from "../../value/json.ts";
import { serviceAccountGroups, serviceAccountUser } from "../access/role-index.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import type { UserInfo } from "../client.ts";
import { jsonOf } from "../shape.ts";
import { reviewOf, viewFor } from "../webhooks/review.ts";

/** The values of an expression's names, but for params and variables. */
export type Bindings = Readonly<Record<string, unknown>>;

/** What expressions see of a request. The object is null for a removal, the old one for a create. @param seenAs the version of the kind they want to see */
export function bindingsOf(object: ApiObject, request: AdmissionRequest, seenAs: Kind = request.kind): Bindings {
  const { operation, old, kind, ref, reader } = request;
  const { object: _object, oldObject: _old, ...review } = reviewOf(object, request, seenAs);
  const namespace = kind.namespaced ? reader.get(NamespaceKind, { namespace: "", name: ref.namespace }) : undefined;
  const view = (whole: ApiObject | undefined): unknown => (whole === undefined ? null : celOfJson(viewFor(whole, request, seenAs)));
  return {
    object: operation === "remove" ? null : view(object), oldObject: view(old), request: celOfJson(review satisfies JsonObject), namespaceObject: namespace === undefined ? null : celOfJson(jsonOf(namespace)), params: null, variables: {},
    authorizer: authorizerOf(request),
  };
}

/** Bindings with a parameter in them. */
export function withParams(bindings: Bindings, params: ApiObject | undefined): Bindings {
  return { ...bindings, params: params === undefined ? null : celOfJson(jsonOf(params)) };
}

/** `authorizer`, which decides for who asks, and its `requestResource`, which is what is asked for. */
function authorizerOf({ kind, ref, subresource, user, authorizer }: AdmissionRequest): CelAuthorizer {
  const authorityOf = (who: UserInfo): CelAuthority => ({
    explain: (access) => authorizer.explain(who, access),
    ofServiceAccount: (namespace, name) => authorityOf({ name: serviceAccountUser(namespace, name), groups: serviceAccountGroups(namespace) }),
  });
  return new CelAuthorizer(authorityOf(user), {
    group: kind.group, resource: kind.plural, name: ref.name, ...(subresource === undefined ? {} : { subresource }), ...(kind.namespaced ? { namespace: ref.namespace } : {}),
  });
}
