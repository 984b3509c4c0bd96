import type { ApiObject } from "../../model/object.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { celOfJson } from "../../value/cel/values.ts";
import type { JsonObject } from "../../value/json.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import { jsonOf } from "../shape.ts";
import { reviewOf } from "../webhooks/review.ts";

/** The values of an expression's names, but for params and variables. */
export type Bindings = Readonly<Record<string, unknown>>;

/** What expressions see of a request. The object is null for a removal, the old one for a create. */
export function bindingsOf(object: ApiObject, request: AdmissionRequest): Bindings {
  const { operation, old, kind, ref, reader } = request;
  const { object: _object, oldObject: _old, ...review } = reviewOf(object, request, kind);
  const namespace = kind.namespaced ? reader.get(NamespaceKind, { namespace: "", name: ref.namespace }) : undefined;
  const view = (whole: ApiObject | undefined): unknown => (whole === undefined ? null : celOfJson(jsonOf(whole)));
  return {
    object: operation === "remove" ? null : view(object), oldObject: view(old), request: celOfJson(review satisfies JsonObject), namespaceObject: view(namespace), params: null, variables: {},
  };
}

/** Bindings with a parameter in them. */
export function withParams(bindings: Bindings, params: ApiObject | undefined): Bindings {
  return { ...bindings, params: params === undefined ? null : celOfJson(jsonOf(params)) };
}
