import type { Application } from "../model/kinds/application.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { CustomResourceDefinitionKind } from "../model/kinds/api-extensions.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import type { ApiObject } from "../model/object.ts";
import type { Place } from "../render/render.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { asJson } from "../value/json.ts";
import type { Desired } from "./desired.ts";
import { basisDigest, diffObject } from "./diff.ts";
import type { Change } from "./diff.ts";
import { hooksAround } from "./hooks.ts";
import type { DesiredHook, PlannedHooks, ReleaseEvent } from "./hooks.ts";
import { compareInstall, compareRemoval } from "./order.ts";
import type { ResourceId } from "./tracking.ts";
import { applicationKey, resourceKey, syncOptionsOf, trackedBy } from "./tracking.ts";

/** What a step does. Move takes an object over from another application, without recreating it. */
export type StepAction = "Create" | "Update" | "Move" | "Delete";

/** One write of a plan. The doer carries it out or finds the basis gone; it never chooses. */
export interface Step extends ResourceId {
  readonly action: StepAction;
  readonly apiVersion: string;
  readonly wave: number;
  /** The object as it is to be written; absent for Delete. */
  readonly object?: ApiObject;
  /** The live object this step was planned against; absent for Create. */
  readonly basis?: { readonly uid: string; readonly digest: string };
  readonly changes: readonly Change[];
  readonly place?: Place;
}

/** All steps of one wave: committed at one revision, or none. */
export interface Wave {
  readonly wave: number;
  readonly steps: readonly Step[];
}

/** A frozen plan (DESIGN 4.3). Equal inputs give an equal digest. */
export interface Plan {
  readonly application: string;
  readonly applicationUid: string;
  readonly revision: string;
  readonly treeDigest: string;
  /** Grows with every plan of an application; the store refuses a step of an older one. */
  readonly generation: number;
  readonly waves: readonly Wave[];
  /** Removals, after everything else. */
  readonly prune: readonly Step[];
  /** Objects that no longer belong to the application and are left as they are. */
  readonly released: readonly ResourceId[];
  /** What runs before and after; absent where nothing does. */
  readonly hooks?: PlannedHooks;
  readonly digest: string;
}

/** Everything a plan depends on. */
export interface PlanInput {
  readonly application: Application;
  readonly revision: string;
  readonly treeDigest: string;
  readonly generation: number;
  readonly desired: readonly Desired[];
  /** The live object of an id, from the caches. */
  readonly live: (id: ResourceId) => ApiObject | undefined;
  /** Versions applied since the last completed sync, it included. */
  readonly priors: (id: ResourceId) => readonly ApiObject[];
  /** What the application deployed so far. */
  readonly inventory: readonly ResourceId[];
  /** True when another application wants the object now. */
  readonly isWantedElsewhere: (id: ResourceId) => boolean;
  readonly kindOf: (id: ResourceId) => Kind | undefined;
  /** What happens to the release, and what runs then. Without an event, as when drift is healed, nothing does. */
  readonly event?: ReleaseEvent | undefined;
  readonly hooks?: readonly DesiredHook[];
  /** Without it, what is no longer wanted is left alone and shown as extra. */
  readonly mayPrune: boolean;
}

/** Plans how to bring what is live to what is desired. Pure. */
export function planSync(input: PlanInput): Plan {
  const steps = input.desired.flatMap((desired) => stepFor(input, desired) ?? []);
  const wanted = new Set(input.desired.map((desired) => resourceKey(desired.id)));
  const gone = input.inventory.filter((id) => !wanted.has(resourceKey(id)));
  const removals = input.mayPrune ? gone.flatMap((id) => removalOf(input, id) ?? []) : [];
  const waves = [...Map.groupBy(steps.toSorted(compareInstall), (step) => step.wave)].flatMap(([wave, members]) => splitWave(wave, members, input.event !== undefined && (input.hooks ?? []).length > 0));
  const released = gone.filter((id) => !removals.some((step) => resourceKey(step) === resourceKey(id)));
  const hooks = input.event === undefined ? undefined : hooksAround(input.event, input.hooks ?? []);
  return freezePlan({
    ...(hooks === undefined ? {} : { hooks }),
    application: applicationKey(input.application), applicationUid: input.application.metadata.uid ?? "", revision: input.revision,
    treeDigest: input.treeDigest, generation: input.generation, waves, prune: removals.toSorted(compareRemoval), released,
  });
}

/** A new namespace and definitions come before hooks: those may need both. */
export function isGround(wave: Wave): boolean {
  return wave.steps.every((step) => isDefinition(step) || (step.kind === NamespaceKind.kind && step.group === NamespaceKind.group));
}

function isDefinition(step: Step): boolean {
  return step.kind === CustomResourceDefinitionKind.kind && step.group === CustomResourceDefinitionKind.group;
}

/** Definitions come before the rest of their wave: their kinds have to be served before it can be written. */
function splitWave(wave: number, steps: readonly Step[], hasHooks: boolean): readonly Wave[] {
  const isFirst = (step: Step): boolean => isDefinition(step) || (hasHooks && step.kind === NamespaceKind.kind && step.group === NamespaceKind.group);
  const definitions = steps.filter(isFirst);
  const rest = steps.filter((step) => !isFirst(step));
  return [definitions, rest].filter((members) => members.length > 0).map((members) => ({ wave, steps: members }));
}

/** True when executing the plan would write nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.waves.length === 0 && plan.prune.length === 0 && plan.hooks === undefined;
}

/** Every step in the order it is carried out. */
export function stepsOf(plan: Plan): readonly Step[] {
  return [...plan.waves.flatMap((wave) => wave.steps), ...plan.prune];
}

/** Each hook's object as a step that would create it, to be asked about. That it is there from last time is no problem: it is removed first. */
export function hookStepsOf({ hooks }: Plan): readonly Step[] {
  return hooks === undefined ? [] : [...hooks.before, ...hooks.after].map(({ group, kind, namespace, name, apiVersion, object, place }) => (
    { group, kind, namespace, name, apiVersion, object, action: "Create" as const, wave: 0, changes: [], ...(place === undefined ? {} : { place }) }));
}

function freezePlan(content: Omit<Plan, "digest">): Plan {
  return Object.freeze({ ...content, digest: digestOfPlan(content) });
}

/** The digest of a plan's content; a stored plan whose digest differs was damaged. */
export function digestOfPlan(plan: Omit<Plan, "digest">): string {
  const { application, applicationUid, revision, treeDigest, generation, waves, prune, released, hooks } = plan;
  return sha256(printCanonicalJson(asJson({ application, applicationUid, revision, treeDigest, generation, waves, prune, released, ...(hooks === undefined ? {} : { hooks }) })));
}

function stepFor(input: PlanInput, desired: Desired): Step | undefined {
  const live = input.live(desired.id);
  const ignored = (input.application.spec.ignoreDifferences ?? []).filter((rule) =>
    (rule.group ?? "") === desired.id.group && rule.kind === desired.id.kind && (rule.name ?? desired.id.name) === desired.id.name
    && (rule.namespace ?? desired.id.namespace) === desired.id.namespace).flatMap((rule) => rule.jsonPointers ?? []);
  const diff = diffObject(desired, live, input.priors(desired.id), ignored);
  if (diff.kind === "same") return undefined;
  const owner = live === undefined ? undefined : trackedBy(live);
  const isMove = owner !== undefined && owner !== applicationKey(input.application);
  return {
    ...desired.id, apiVersion: apiVersionOf(desired.kind), wave: desired.wave, place: desired.place,
    action: diff.kind === "create" ? "Create" : isMove ? "Move" : "Update",
    object: diff.object, changes: diff.changes,
    ...(live === undefined ? {} : { basis: { uid: live.metadata.uid ?? "", digest: basisDigest(live) } }),
  };
}

/** Marked to outlive its application: our option, or Helm's annotation. */
function isKept(live: ApiObject): boolean {
  return syncOptionsOf(live).has("Prune=false") || live.metadata.annotations?.["helm.sh/resource-policy"] === "keep";
}

/** Prunes only what is there, still ours, wanted by nobody else, and not marked to be kept. */
function removalOf(input: PlanInput, id: ResourceId): Step | undefined {
  const live = input.live(id);
  const kind = input.kindOf(id);
  if (live === undefined || kind === undefined || live.metadata.deletionTimestamp !== undefined) return undefined;
  if (trackedBy(live) !== applicationKey(input.application) || input.isWantedElsewhere(id) || isKept(live)) return undefined;
  return {
    ...id, action: "Delete", apiVersion: apiVersionOf(kind), wave: 0, changes: [],
    basis: { uid: live.metadata.uid ?? "", digest: basisDigest(live) },
  };
}
