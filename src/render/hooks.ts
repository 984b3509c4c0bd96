import type { ApiObject } from "../model/object.ts";
import type { Hook } from "./render.ts";

const hookAnnotation = "helm.sh/hook";
const weightAnnotation = "helm.sh/hook-weight";
const policyAnnotation = "helm.sh/hook-delete-policy";

/** What kind of Helm hook an object is; undefined for an ordinary one, and for `crd-install`, whose objects Helm 3 on keeps as ordinary ones. */
export function hookOf(object: ApiObject): Hook | undefined {
  const annotations = object.metadata.annotations ?? {};
  const events = words(annotations[hookAnnotation]);
  if (events.every((event) => event === "crd-install")) return undefined;
  const weight = Number(annotations[weightAnnotation] ?? "0");
  const policies = words(annotations[policyAnnotation]);
  return { events, weight: Number.isInteger(weight) ? weight : 0, deletePolicies: policies.length === 0 ? ["before-hook-creation"] : policies };
}

/** True for the events of a test, by its names old and new. */
export function isTestEvent(event: string): boolean {
  return event === "test" || event === "test-success" || event === "test-failure";
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
}
