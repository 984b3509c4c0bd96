import type { ApplicationStatus, InventoryItem, ResourceState } from "../model/generated/capstan-v1.ts";
import type { Condition } from "../model/generated/meta-v1.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { printTime } from "../world/clock.ts";
import type { Revision } from "../world/repositories.ts";
import type { Wanted } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import { printChange } from "./diff.ts";
import { printProblems } from "./problem.ts";
import type { Problem } from "./problem.ts";
import type { KindLookup } from "./tree-kinds.ts";
import type { ResourceId } from "./tracking.ts";
import { resourceKey } from "./tracking.ts";
import type { Assessed } from "./verdict.ts";
import { hookRunAnnotation } from "./run-hooks.ts";

/** The condition that says why an application cannot be compared or synced. */
export const comparisonErrorCondition = "ComparisonError";

/** The sync state of an application. Unknown as long as it could not be compared. */
export function syncState(revision: Revision | undefined, plan: Plan | undefined, wanted: Wanted | undefined, problems: readonly Problem[]): NonNullable<ApplicationStatus["sync"]> {
  const status = problems.length > 0 || plan === undefined ? "Unknown" : stepsOf(plan).length === 0 ? "Synced" : "OutOfSync";
  return {
    status,
    ...(wanted === undefined ? {} : { revision: wanted.revision, treeDigest: wanted.treeDigest }),
    ...(revision === undefined ? {} : { author: revision.author, message: revision.message, committedAt: printTime(revision.committedAtMs) }),
  };
}

/** Each object of the application with its own sync state, drift and health. */
export function resourceStates(assessed: readonly Assessed[], wanted: Wanted | undefined, plan: Plan | undefined): readonly ResourceState[] {
  const steps = new Map((plan === undefined ? [] : stepsOf(plan)).map((step) => [resourceKey(step), step]));
  const waves = new Map(wanted?.desired.map((one) => [resourceKey(one.id), one.wave]));
  return assessed.map(({ id, kind, live, health }) => {
    const key = resourceKey(id);
    const step = steps.get(key);
    const isExtra = wanted?.keys.has(key) === false;
    const status = live === undefined ? "Missing" : isExtra ? "Extra" : step === undefined ? "Synced" : "OutOfSync";
    return {
      group: id.group, version: kind.version, kind: id.kind, ...(id.namespace === "" ? {} : { namespace: id.namespace }), name: id.name, status,
      wave: waves.get(key) ?? 0, ...(health === undefined ? {} : { health }), ...(isExtra ? { requiresPruning: true } : {}),
      ...(step === undefined || step.changes.length === 0 ? {} : { drift: step.changes.map(printChange) }),
    };
  });
}

/** What hooks made and is there still, as the page shows it below what is kept true. An object that is no hook any more is none here. */
export function hookStates(wanted: Wanted | undefined, live: (id: ResourceId) => ApiObject | undefined, nowMs: number): readonly ResourceState[] {
  return (wanted?.hooks ?? []).flatMap(({ id, kind, hook }) => {
    const object = live(id);
    if (object === undefined || object.metadata.annotations?.[hookRunAnnotation] === undefined) return [];
    const health = kind.health?.(object, nowMs);
    return [{
      group: id.group, version: kind.version, kind: id.kind, ...(id.namespace === "" ? {} : { namespace: id.namespace }), name: id.name, status: "Synced" as const, wave: 0,
      ...(health === undefined ? {} : { health }), hook: true, hookType: hook.events.join(","),
    }];
  });
}

/** Replaces the comparison's condition; others stay. A condition's time moves only when its status does. */
export function conditionsWith(conditions: readonly Condition[], problems: readonly Problem[], nowMs: number): readonly Condition[] {
  const others = conditions.filter((condition) => condition.type !== comparisonErrorCondition);
  const first = problems[0];
  if (first === undefined) return others;
  const old = conditions.find((condition) => condition.type === comparisonErrorCondition);
  const message = printProblems(problems).join("\n");
  return [...others, { type: comparisonErrorCondition, status: "True", reason: first.reason, message, lastTransitionTime: old?.lastTransitionTime ?? printTime(nowMs) }];
}

/** True when there are problems and the application's condition names every one of them, each at the same place. */
export function saysAlready({ status }: { readonly status: ApplicationStatus }, problems: readonly Problem[]): boolean {
  const said = new Set(status.conditions?.find(({ type }) => type === comparisonErrorCondition)?.message?.split("\n"));
  return problems.length > 0 && printProblems(problems).every((line) => said.has(line));
}

/** Ids of an inventory. */
export function inventoryIds(inventory: readonly InventoryItem[]): readonly ResourceId[] {
  return inventory.map((item) => ({ group: item.group ?? "", kind: item.kind, namespace: item.namespace ?? "", name: item.name }));
}

/** An inventory of ids, in key order. */
export function inventoryOf(ids: readonly ResourceId[], kinds: KindLookup): readonly InventoryItem[] {
  const unique = new Map(ids.map((id) => [resourceKey(id), id]));
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => ({
    group: id.group, version: kindOfId(id, kinds)?.version ?? "v1", kind: id.kind, ...(id.namespace === "" ? {} : { namespace: id.namespace }), name: id.name,
  }));
}

/** The served kind of an id. */
export function kindOfId(id: ResourceId, kinds: Pick<KindLookup, "stored">): Kind | undefined {
  return kinds.stored.find((kind) => kind.group === id.group && kind.kind === id.kind);
}

/** What an application is judged by: all it wants, and what it deployed and no longer wants. */
export function idsToAssess(wanted: Wanted | undefined, inventory: readonly ResourceId[], kinds: KindLookup): readonly { readonly id: ResourceId; readonly kind: Kind }[] {
  const listed = wanted?.desired.map((one) => ({ id: one.id, kind: one.kind })) ?? [];
  const seen = new Set(listed.map((one) => resourceKey(one.id)));
  const rest = inventory.flatMap((id) => {
    const kind = kindOfId(id, kinds);
    return kind === undefined || seen.has(resourceKey(id)) ? [] : [{ id, kind }];
  });
  return [...listed, ...rest];
}
