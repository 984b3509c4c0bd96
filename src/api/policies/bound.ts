import type { MatchResources, ParamKind, ParamRef } from "../../model/generated/admissionregistration-v1.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { matchesSelector, selectorOf } from "../../value/labels.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import { constrainedKind, selectableObject } from "../match-resources.ts";

/** What policies of all sorts have in common. */
export interface Policy extends ApiObject {
  readonly spec: { readonly paramKind?: ParamKind; readonly matchConstraints?: MatchResources; readonly failurePolicy?: "Ignore" | "Fail" };
}

/** The same of their bindings. */
export interface Binding extends ApiObject {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef; readonly matchResources?: MatchResources };
}

/** A policy that is bound to a request. */
export interface Bound<P extends Policy, B extends Binding> {
  readonly policy: P;
  readonly binding: B;
  /** The version of the request's kind the policy wants to see. */
  readonly kind: Kind;
  /** The objects it is evaluated with, one after the other, undefined standing for none; a text when there should be some and are none. */
  readonly params: readonly (ApiObject | undefined)[] | string;
}

/** Where policies of one sort and their bindings are. */
export interface PolicyKinds<P extends Policy, B extends Binding> {
  readonly policies: Kind<P>;
  readonly bindings: Kind<B>;
}

/** The policies bound to a request, in the order of their bindings. */
export function* findBound<P extends Policy, B extends Binding>({ policies, bindings }: PolicyKinds<P, B>, object: ApiObject, request: AdmissionRequest): Iterable<Bound<P, B>> {
  const all = request.reader.list(bindings);
  if (all.length === 0) return;
  const whole = selectableObject(object, request);
  for (const binding of all) {
    const policy = request.reader.get(policies, { namespace: "", name: binding.spec.policyName ?? "" });
    if (policy === undefined) continue;
    const kind = constrainedKind(policy.spec.matchConstraints, whole, request, request.kinds);
    if (kind === undefined || constrainedKind(binding.spec.matchResources, whole, request, request.kinds) === undefined) continue;
    yield { policy, binding, kind, params: paramsOf(policy, binding, request) };
  }
}

function paramsOf({ spec }: Policy, { spec: { paramRef } }: Binding, request: AdmissionRequest): readonly (ApiObject | undefined)[] | string {
  const { paramKind } = spec;
  if (paramKind === undefined || paramRef === undefined) return [undefined];
  const kind = [...request.kinds].find((candidate) => candidate.kind === paramKind.kind && apiVersionOf(candidate) === paramKind.apiVersion);
  if (kind === undefined) return `failed to configure policy: failed to find resource referenced by paramKind: '${paramKind.apiVersion ?? ""}, Kind=${paramKind.kind ?? ""}'`;
  const { namespace = "" } = paramRef;
  if (kind.namespaced && namespace === "" && !request.kind.namespaced) return "failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
  if (!kind.namespaced && namespace !== "") return "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`";
  const found = findParams(kind, paramRef, request);
  if (found.length > 0) return found;
  return paramRef.parameterNotFoundAction === "Allow" ? [] : "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
}

function findParams(kind: Kind, { name = "", namespace = "", selector }: ParamRef, { reader, ref }: AdmissionRequest): readonly ApiObject[] {
  const place = kind.namespaced ? (namespace === "" ? ref.namespace : namespace) : "";
  if (name !== "") return [reader.get(kind, { namespace: place, name })].filter((object) => object !== undefined);
  const parsed = selectorOf(selector);
  return reader.list(kind, place).filter(({ metadata }) => matchesSelector(parsed, metadata.labels ?? {}));
}
