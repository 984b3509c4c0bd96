import { isOfKind } from "../api/shape.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { JobKind } from "../model/kinds/batch.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { ApiObject } from "../model/object.ts";
import type { Hook, Place } from "../render/render.ts";
import { compareText } from "./order.ts";
import { podTrouble } from "./pod-trouble.ts";
import { resourceKey } from "./tracking.ts";
import type { ResourceId } from "./tracking.ts";

/** What happens to a release: its hooks run before and after. A test has one side only. */
export type ReleaseEvent = "install" | "upgrade" | "rollback" | "delete";

/** The name of a hook's event, as charts write it. */
export type HookEvent = `pre-${ReleaseEvent}` | `post-${ReleaseEvent}` | "test";

/** An object that is run at an event, and never compared with what is live. */
export interface DesiredHook {
  readonly id: ResourceId;
  readonly kind: Kind;
  readonly object: ApiObject;
  readonly place: Place;
  readonly hook: Hook;
}

/** One run of a hook in a plan. */
export interface PlannedHook extends ResourceId {
  readonly event: HookEvent;
  readonly apiVersion: string;
  readonly object: ApiObject;
  readonly deletePolicies: readonly string[];
  readonly place?: Place;
}

/** The hooks of a plan, each list in its order. */
export interface PlannedHooks {
  readonly before: readonly PlannedHook[];
  readonly after: readonly PlannedHook[];
}

/** Names charts of Helm 2 give the event. */
const oldNames: Readonly<Record<string, string>> = { "test-success": "test" };

/** The hooks of an event in the order Helm runs them: by weight, then by name. */
export function hooksAt(event: HookEvent, hooks: readonly DesiredHook[]): readonly PlannedHook[] {
  return hooks.filter(({ hook }) => hook.events.some((name) => (oldNames[name] ?? name) === event))
    .toSorted((a, b) => a.hook.weight - b.hook.weight || compareText(a.id.name, b.id.name) || compareText(a.id.kind, b.id.kind))
    .map(({ id, kind, object, place, hook }) => ({ ...id, event, apiVersion: apiVersionOf(kind), object, deletePolicies: hook.deletePolicies, place }));
}

/** What runs around an event; undefined where nothing does. */
export function hooksAround(event: ReleaseEvent, hooks: readonly DesiredHook[]): PlannedHooks | undefined {
  const before = hooksAt(`pre-${event}`, hooks);
  const after = hooksAt(`post-${event}`, hooks);
  return before.length === 0 && after.length === 0 ? undefined : { before, after };
}

/** One run of one hook, as a key: an object may run before and after. */
export function hookKey(hook: PlannedHook): string {
  return `${hook.event} ${resourceKey(hook)}`;
}

/** How far a hook's object is. Only Jobs and Pods are waited for, as in Helm; others are done once they exist. */
export type HookState = { readonly kind: "running" } | { readonly kind: "done" } | { readonly kind: "failed"; readonly message: string };

/** Judges a hook's live object. Pure. */
export function judgeHook(object: ApiObject): HookState {
  if (isOfKind(JobKind, object)) {
    const condition = (object.status.conditions ?? []).find(({ type, status }) => status === "True" && (type === "Complete" || type === "Failed"));
    if (condition === undefined) return { kind: "running" };
    return condition.type === "Complete" ? { kind: "done" } : { kind: "failed", message: condition.message ?? condition.reason ?? "the job failed" };
  }
  if (!isOfKind(PodKind, object)) return { kind: "done" };
  if (object.status.phase === "Succeeded") return { kind: "done" };
  return object.status.phase === "Failed" ? { kind: "failed", message: podTrouble(object) ?? "the pod failed" } : { kind: "running" };
}
