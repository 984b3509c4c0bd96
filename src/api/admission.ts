import type { ApiObject } from "../model/object.ts";
import { certificateRequestor } from "./admission/certificate-requestor.ts";
import { certificateApproval, certificateConditions, certificateSigning, certificateSubject } from "./admission/certificate-signers.ts";
import { defaultIngressClass, defaultStorageClass } from "./admission/default-class.ts";
import { defaultTolerations } from "./admission/default-tolerations.ts";
import { extendedResourceToleration } from "./admission/extended-resource-toleration.ts";
import { limitRanger } from "./admission/limit-ranger.ts";
import { mutatingPolicies } from "./admission/mutating-policies.ts";
import { namespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { nodeRestriction } from "./admission/node-restriction.ts";
import type { Admission, AdmissionRequest } from "./admission-plugin.ts";
import { podSecurity } from "./admission/pod-security.ts";
import { priority } from "./admission/priority.ts";
import { resourceQuota } from "./admission/resource-quota.ts";
import { runtimeClass } from "./admission/runtime-class.ts";
import { rbacEscalation } from "./admission/rbac-escalation.ts";
import { serviceAccount } from "./admission/service-account.ts";
import { serviceAllocation } from "./admission/service-allocation.ts";
import { taintNewNodes } from "./admission/taint-new-nodes.ts";
import { tokenRights } from "./admission/token-rights.ts";
import { validatingPolicies } from "./admission/validating-policies.ts";
import { mutatingWebhooks, validatingWebhooks } from "./admission/webhooks.ts";
import type { ApiContext } from "./context.ts";
import { mutation } from "./mutation.ts";
import { silentNotes } from "./notes.ts";
import { readerOf } from "./staged-reader.ts";
import type { Staging } from "./staging.ts";
import type { Caller } from "./verbs.ts";

/** Those that run before policies and webhooks are asked, and again when one has changed something. */
const beforeMutation: readonly Admission[] = [
  namespaceLifecycle,
  nodeRestriction,
  rbacEscalation,
  tokenRights,
  limitRanger,
  serviceAccount,
  podSecurity,
  taintNewNodes,
  certificateRequestor,
  certificateConditions,
  certificateApproval,
  certificateSigning,
  certificateSubject,
  priority,
  defaultTolerations,
  extendedResourceToleration,
  defaultStorageClass,
  runtimeClass,
  defaultIngressClass,
];

const addedMutation = mutation(beforeMutation, [mutatingPolicies, mutatingWebhooks]);

/** Those that ask what people added: policies and webhooks. */
const added: readonly Admission[] = [addedMutation, validatingPolicies, validatingWebhooks];

/** The same for what is not kept, which the cluster's own have nothing to do with. */
const addedAlone: readonly Admission[] = [mutation([], [mutatingPolicies, mutatingWebhooks]), validatingPolicies, validatingWebhooks];

/** Every admission plugin, in the order they run. Adding one = a file in `admission/`, a line here. */
export const admissionPlugins: readonly Admission[] = [
  ...beforeMutation,
  addedMutation,
  serviceAllocation,
  validatingPolicies,
  validatingWebhooks,
  resourceQuota,
];

/** Without those that ask what people added: for what is written because of a request they were asked about. */
export function ownPlugins(plugins: readonly Admission[]): readonly Admission[] {
  return plugins.filter((plugin) => !added.includes(plugin));
}

/** Asks about an object that is not kept: the options of a connection, as PodExecOptions, or what a subresource is created with, as an Eviction. */
export function admitUnkept(object: ApiObject, request: AdmissionRequest): ApiObject {
  const admitted = admit(addedAlone, object, request);
  validateAdmitted(addedAlone, admitted, request);
  return admitted;
}

/** The request plugins are asked about. */
export function admissionRequestOf(context: ApiContext, staging: Staging, write: Pick<AdmissionRequest, "operation" | "kind" | "ref" | "old"> & {
  readonly caller: Caller; readonly subresource?: string | undefined;
}): AdmissionRequest {
  const { operation, kind, ref, old, caller, subresource } = write;
  return {
    operation, kind, ref, old, user: caller.user, notes: caller.notes ?? silentNotes, staging, reader: readerOf(staging, context.objects), reservations: context.reservations,
    kinds: context.kinds.all, replies: staging.facts.replies,
    authorizer: context.authorizer, hasAccountTokens: context.accountTokens !== undefined,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** Sends an object through every plugin that may change it. */
export function admit(plugins: readonly Admission[], object: ApiObject, request: AdmissionRequest): ApiObject {
  return plugins.filter((plugin) => plugin.admit !== undefined && plugin.handles(request)).reduce((current, plugin) => plugin.admit?.(current, request) ?? current, object);
}

/** Asks every plugin whether the object may be as it has become. */
export function validateAdmitted(plugins: readonly Admission[], object: ApiObject, request: AdmissionRequest): void {
  for (const plugin of plugins) if (plugin.validate !== undefined && plugin.handles(request)) plugin.validate(object, request);
}

/** Tells every plugin that an object goes with this commit. */
export function release(plugins: readonly Admission[], object: ApiObject, request: Pick<AdmissionRequest, "staging" | "reservations">): void {
  for (const plugin of plugins) plugin.release?.(object, request);
}
