import type { MutatingWebhook, ValidatingWebhook } from "../../model/generated/admissionregistration-v1.ts";
import type { Kind } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import { badRequest, internalError } from "../errors.ts";
import { printFailure } from "../questions.ts";
import type { Question } from "../questions.ts";
import { refusalOf } from "./refusal.ts";
import { parseReview, printReview, reviewOf } from "./review.ts";
import type { ReviewResponse } from "./review.ts";
import { targetOf } from "./target.ts";

/** A webhook of one configuration, and the kind it wants to see the object as. */
export interface Matched {
  readonly configuration: string;
  readonly index: number;
  readonly webhook: MutatingWebhook | ValidatingWebhook;
  readonly kind: Kind;
}

/** What a webhook said; undefined when it could not be asked and its policy is to go on without it. */
export type Verdict = ReviewResponse | undefined;

/** Asks webhooks, all at once, about an object. Throws `Unanswered` until they have answered, and ApiError when one that must be asked cannot be. */
export function askAll(matched: readonly Matched[], object: ApiObject, request: AdmissionRequest): readonly Verdict[] {
  const asked = matched.map((one) => questionOf(one, object, request));
  const replies = request.replies.of(asked.flatMap(({ question }) => question ?? []));
  let at = 0;
  return asked.map(({ question, uid, url, failure }, index): Verdict => {
    const one = matched[index];
    if (one === undefined) return undefined;
    const reply = question === undefined ? undefined : replies[at++];
    const outcome = failure !== undefined || reply === undefined ? { kind: "failed", message: failure ?? "no answer" } as const : reply;
    if (outcome.kind === "failed") return whenFailed(one, `failed to call webhook: ${printFailure(outcome, url)}`, request);
    const response = parseReview(outcome.body, uid);
    return typeof response === "string" ? whenFailed(one, `received invalid webhook response: ${response}`, request) : response;
  });
}

interface Asked {
  readonly uid: string;
  readonly url: string;
  readonly question?: Question;
  readonly failure?: string;
}

function questionOf({ configuration, webhook, kind }: Matched, object: ApiObject, request: AdmissionRequest): Asked {
  const { reader, staging } = request;
  if (staging.facts.isDryRun && webhook.sideEffects !== "None" && webhook.sideEffects !== "NoneOnDryRun") throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  const uid = staging.facts.chance.uuid();
  const target = targetOf(webhook.clientConfig, webhook.timeoutSeconds, reader);
  if ("failure" in target) return { uid, url: target.url, failure: target.failure };
  const review = reviewOf(object, request, kind);
  return { uid, url: target.url, question: { key: `${configuration}/${webhook.name}/${uid}/${JSON.stringify(review)}`, target, body: printReview(uid, review) } };
}

function whenFailed({ webhook, index }: Matched, reason: string, { notes }: AdmissionRequest): undefined {
  const isMutating = "reinvocationPolicy" in webhook;
  if (webhook.failurePolicy === "Ignore") {
    notes.annotate(`failed-open.${isMutating ? "mutating" : "validating"}.webhook.admission.k8s.io/round_0_index_${index}`, webhook.name);
    return undefined;
  }
  throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${reason}`);
}

/** Tells the client and the audit log what a webhook had to say, and refuses what it refused. */
export function heed({ webhook }: Matched, response: ReviewResponse, { notes }: AdmissionRequest): void {
  for (const warning of response.warnings) notes.warn(warning);
  for (const [key, value] of Object.entries(response.auditAnnotations)) notes.annotate(`${webhook.name}/${key}`, value);
  if (!response.isAllowed) throw refusalOf(webhook.name, response.status);
}
