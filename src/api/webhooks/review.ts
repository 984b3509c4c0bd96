import type { Kind } from "../../model/kind.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { ApiObject } from "../../model/object.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { SpokenKind } from "../../model/subresource.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { operationNames } from "../match-resources.ts";
import type { AdmissionRequest } from "../admission-plugin.ts";
import { scaleOf } from "../scale.ts";
import { jsonOf, textOf, textsOf } from "../shape.ts";

const reviewVersion = "admission.k8s.io/v1";

/** What a webhook said. */
export interface ReviewResponse {
  readonly isAllowed: boolean;
  /** Code, reason and message of a refusal. */
  readonly status: JsonObject;
  readonly patch: readonly Json[] | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** A connection has no options but its object. */
const optionKinds = { create: "CreateOptions", update: "UpdateOptions", remove: "DeleteOptions", connect: undefined } as const;

/** The AdmissionReview a webhook is asked with, without the uid. Pure. @see kubernetes admission/v1 AdmissionRequest */
export function reviewOf(object: ApiObject | undefined, request: AdmissionRequest, kind: Kind): JsonObject {
  const { operation, ref, user, old, subresource, staging } = request;
  const view = (whole: ApiObject | undefined): Json => (whole === undefined ? null : viewFor(whole, request, kind));
  const part = subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource };
  const spoken = spokenKind(request);
  const optionKind = optionKinds[operation];
  return {
    kind: groupVersionKind(spoken ?? kind), resource: groupVersionResource(kind), ...part, requestKind: groupVersionKind(spoken ?? request.kind), requestResource: groupVersionResource(request.kind),
    name: ref.name, ...(request.kind.namespaced ? { namespace: ref.namespace } : {}), operation: operationNames[operation],
    userInfo: { username: user.name, groups: user.groups, ...(user.uid === undefined ? {} : { uid: user.uid }), ...(user.extra === undefined ? {} : { extra: user.extra }) },
    object: operation === "remove" ? null : view(object), oldObject: view(old), dryRun: staging.facts.isDryRun,
    options: optionKind === undefined ? null : { kind: optionKind, apiVersion: "meta.k8s.io/v1", ...(staging.facts.isDryRun ? { dryRun: ["All"] } : {}) },
  };
}

/** The body to send. */
export function printReview(uid: string, request: JsonObject): JsonObject {
  return { kind: "AdmissionReview", apiVersion: reviewVersion, request: { uid, ...request } };
}

/**
 * Reads what a webhook answered; a text says what is wrong with it, in upstream's words.
 * @see kubernetes apiserver pkg/admission/plugin/webhook/request/admissionreview.go VerifyAdmissionResponse
 */
export function parseReview(body: JsonObject, uid: string): ReviewResponse | string {
  const found = `${textOf(body, "apiVersion")}, Kind=${textOf(body, "kind")}`;
  if (found !== `${reviewVersion}, Kind=AdmissionReview`) return `expected webhook response of ${reviewVersion}, Kind=AdmissionReview, got ${found}`;
  const { response } = body;
  if (!isJsonObject(response)) return "webhook response was absent";
  if (textOf(response, "uid") !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOf(response, "uid"))}`;
  const patch = parsePatch(response);
  if (typeof patch === "string") return patch;
  const annotations = isJsonObject(response["auditAnnotations"]) ? Object.entries(response["auditAnnotations"]) : [];
  return {
    isAllowed: response["allowed"] === true, status: isJsonObject(response["status"]) ? response["status"] : {}, patch, warnings: textsOf(response, "warnings"),
    auditAnnotations: Object.fromEntries(annotations.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : []))),
  };
}

function parsePatch(response: JsonObject): readonly Json[] | undefined | string {
  const text = textOf(response, "patch");
  if (text === "") return undefined;
  const type = response["patchType"];
  if (type === undefined || type === null) return "webhook returned response.patch but not response.patchType";
  if (type !== "JSONPatch") return `webhook returned invalid response.patchType of ${JSON.stringify(type)}`;
  try {
    const patch: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    return Array.isArray(patch) ? (patch as readonly Json[]) : "webhook returned a patch that is no list of operations";
  } catch {
    return "webhook returned a patch that is no JSON";
  }
}

type Shown = Pick<AdmissionRequest, "operation" | "kind" | "subresource">;

/** The kind that a subresource speaks where it is not its object's: of a connection the options it is asked with, of `scale` a Scale, of `eviction` an Eviction. */
function spokenKind({ kind, subresource }: Shown): SpokenKind | undefined {
  return subresource === undefined ? undefined : findSubresource(kind, subresource)?.speaks;
}

/** True for a write of a Scale: that is what everybody is shown who is asked about it. */
export function isScaled({ kind, subresource }: Pick<AdmissionRequest, "kind" | "subresource">): boolean {
  return subresource === "scale" && kind.scale !== undefined;
}

/** True for what is not kept: the object is what the request is made with, and no version of another. */
export function isMadeWith(request: Shown): boolean {
  return request.operation === "connect" || (request.operation === "create" && spokenKind(request) !== undefined);
}

/** An object as a request shows it to those who are asked: in the version they want to see, of a scaled one its Scale, and what is not kept as it is. */
export function viewFor(object: ApiObject, request: Shown, seenAs: Kind): JsonObject {
  if (isMadeWith(request)) return jsonOf(object);
  if (isScaled(request) && request.kind.scale !== undefined) return scaleOf(request.kind.scale, jsonOf(object));
  return viewOf(object, request.kind, seenAs);
}

/** The kind of that. */
export function kindFor(request: Shown, seenAs: Kind): Kind {
  const spoken = spokenKind(request);
  if (spoken === undefined) return seenAs;
  const { schema: _schema, ...rest } = seenAs;
  const { group, version, kind } = spoken;
  return { ...rest, group, version, kind, message: `${group === "" ? "core" : group.split(".")[0] ?? ""}/${version}.${kind}` };
}

/** An object of one kind as another version of it. */
function viewOf(object: ApiObject, from: Kind, to: Kind): JsonObject {
  const json = jsonOf(object);
  if (from === to) return json;
  const stored = from.storedAs === undefined ? json : from.storedAs.toStored(json);
  return to.storedAs === undefined ? stored : to.storedAs.toView(stored);
}

/** The object a webhook made of another version of it, as one of the request's kind. */
export function fromView(json: JsonObject, from: Kind, to: Kind): JsonObject {
  if (from === to) return json;
  const stored = from.storedAs === undefined ? json : from.storedAs.toStored(json);
  const back = to.storedAs === undefined ? stored : to.storedAs.toView(stored);
  return { ...back, apiVersion: apiVersionOf(to), kind: to.kind };
}

function groupVersionKind({ group, version, kind }: Pick<Kind, "group" | "version" | "kind">): JsonObject {
  return { group, version, kind };
}

function groupVersionResource({ group, version, plural }: Kind): JsonObject {
  return { group, version, resource: plural };
}
