import type { MutatingWebhook, ValidatingWebhook } from "../../model/generated/admissionregistration-v1.ts";
import { MutatingWebhookConfigurationKind, ValidatingWebhookConfigurationKind } from "../../model/kinds/admissionregistration.ts";
import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { isValueError } from "../../value/value-error.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { applyJsonPatch } from "../../value/json-patch.ts";
import { forbidden, internalError } from "../errors.ts";
import { bindingsOf } from "../policies/bindings.ts";
import { Budget, meetsConditions } from "../policies/evaluate.ts";
import { askAll, heed } from "../webhooks/ask.ts";
import type { Matched } from "../webhooks/ask.ts";
import { viewFor } from "../webhooks/review.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { adoptChange, isSame, unchanged } from "../mutation.ts";
import type { Mutator } from "../mutation.ts";
import { isExempt, matchedKind, selectableObject } from "../match-resources.ts";

type Handled = Parameters<Admission["handles"]>[0];

/**
 * Lets webhooks change an object, one after the other, each given what the one before left. Asked again are those that want to see what others did
 * after them.
 *
 * @see kubernetes apiserver pkg/admission/plugin/webhook/mutating/dispatcher.go
 */
export const mutatingWebhooks: Mutator = {
  name: "MutatingAdmissionWebhook",
  handles: isHandled,
  mutate(object, request) {
    const all = findMutating(request);
    if (all.length === 0) return unchanged(object);
    const first = callEach(object, all.map((one) => ({ ...one, seen: undefined })), request);
    return {
      object: first.object, isChanged: !isSame(first.object, object),
      again(now) {
        const wanting = first.called.filter(({ webhook, seen }) => isReinvoked(webhook) && seen !== undefined && !isSame(seen, now));
        return callEach(now, wanting, request).object;
      },
    };
  },
};

/** Asks webhooks whether an object may be as it has become: all at once, since none changes anything. */
export const validatingWebhooks: Admission = {
  name: "ValidatingAdmissionWebhook",
  handles: isHandled,
  validate(object, request) {
    const configurations = request.reader.list(ValidatingWebhookConfigurationKind);
    const matched = configurations.flatMap(({ metadata, webhooks = [] }) => webhooks.flatMap((webhook, index): readonly Matched[] => {
      const kind = matchedKind(webhook, selectableObject(object, request), request, request.kinds);
      return kind === undefined || !isMeant(webhook, object, { request, kind }) ? [] : [{ configuration: metadata.name, index, webhook, kind }];
    }));
    if (matched.length === 0) return;
    const verdicts = askAll(matched, object, request);
    for (const [index, one] of matched.entries()) {
      const verdict = verdicts[index];
      if (verdict !== undefined) heed(one, verdict, request);
    }
  },
};

function isHandled({ kind }: Handled): boolean {
  return !isExempt(kind);
}

/** True when a request meets a webhook's match conditions. Throws Forbidden when one cannot be evaluated and the webhook must not be left out. */
function isMeant({ name, matchConditions = [], failurePolicy }: MutatingWebhook | ValidatingWebhook, object: ApiObject, { request, kind }: { readonly request: AdmissionRequest; readonly kind: Kind }): boolean {
  if (matchConditions.length === 0) return true;
  const met = meetsConditions(matchConditions, bindingsOf(object, request, kind), new Budget());
  if (typeof met === "boolean") return met;
  if (failurePolicy === "Ignore") return false;
  throw forbidden(request.kind, request.ref.name, `admission webhook ${JSON.stringify(name)} match conditions could not be evaluated: ${met.error}`);
}

/** A mutating webhook, and the object as it last left it. */
interface Called extends Omit<Matched, "kind"> {
  readonly webhook: MutatingWebhook;
  readonly seen: ApiObject | undefined;
}

function findMutating({ reader }: AdmissionRequest): readonly Omit<Called, "seen">[] {
  return reader.list(MutatingWebhookConfigurationKind).flatMap(({ metadata, webhooks = [] }) => webhooks.map((webhook, index) => ({ configuration: metadata.name, index, webhook })));
}

function isReinvoked({ reinvocationPolicy }: MutatingWebhook): boolean {
  return reinvocationPolicy === "IfNeeded";
}

function callEach(object: ApiObject, webhooks: readonly Called[], request: AdmissionRequest): { readonly object: ApiObject; readonly called: readonly Called[] } {
  let current = object;
  const called: Called[] = [];
  for (const one of webhooks) {
    const kind = matchedKind(one.webhook, selectableObject(current, request), request, request.kinds);
    if (kind === undefined || !isMeant(one.webhook, current, { request, kind })) continue;
    const matched = { ...one, kind };
    const [verdict] = askAll([matched], current, request);
    if (verdict === undefined) continue;
    heed(matched, verdict, request);
    if (verdict.patch !== undefined && verdict.patch.length > 0) current = patched(current, { ...matched, patch: verdict.patch }, request);
    called.push({ ...one, seen: current });
  }
  return { object: current, called };
}

/** The object with a webhook's patch in it. */
function patched(object: ApiObject, { webhook, kind, patch }: Matched & { readonly patch: readonly Json[] }, request: AdmissionRequest): ApiObject {
  return adoptChange(object, { changed: applyPatch(viewFor(object, request, kind), patch, webhook.name), kind }, request);
}

function applyPatch(view: JsonObject, patch: readonly Json[], webhookName: string): JsonObject {
  try {
    const changed = applyJsonPatch(view, patch);
    if (isJsonObject(changed)) return changed;
    throw internalError(`webhook ${JSON.stringify(webhookName)} left no object`);
  } catch (error) {
    if (isValueError(error)) throw internalError(error.message);
    throw error;
  }
}
