import { tokenSecretType } from "../api/http/tokens.ts";
import type { Application } from "../model/kinds/application.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import type { ApiObject } from "../model/object.ts";
import type { Desired } from "./desired.ts";
import type { DesiredHook } from "./hooks.ts";
import type { Plan } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { ResourceId } from "./tracking.ts";
import { applicationKey, resourceText, trackedBy } from "./tracking.ts";

/** What a plan is checked against. */
export interface CheckFacts {
  readonly application: Application;
  readonly desired: readonly Desired[];
  readonly hooks?: readonly DesiredHook[];
  readonly inventory: readonly ResourceId[];
  readonly live: (id: ResourceId) => ApiObject | undefined;
  /** True when the application of this key exists and its newest render still has the object. */
  readonly isClaimedBy: (application: string, id: ResourceId) => boolean;
}

/** The sync option that makes a missing destination namespace. */
export const createNamespaceOption = "CreateNamespace=true";

/** Lints a plan: what would be refused, or would take what is not ours, is said before anything is written. Pure. */
export function checkPlan(plan: Plan, facts: CheckFacts): readonly Problem[] {
  return [...checkEmptyRender(facts), ...checkOwners(facts, [...facts.desired, ...facts.hooks ?? []]), ...checkTokens(facts), ...checkNamespaces(plan, facts)];
}

/** Whoever may push would be whoever they like: tokens are made by people with the right to, never by a commit. */
function checkTokens(facts: CheckFacts): readonly Problem[] {
  const isToken = (object: ApiObject | undefined) => object?.kind === SecretKind.kind && "type" in object && object.type === tokenSecretType;
  return [...facts.desired, ...facts.hooks ?? []].filter((desired) => desired.id.group === SecretKind.group && (isToken(desired.object) || isToken(facts.live(desired.id)))).map((desired) => ({
    reason: "Forbidden" as const, place: desired.place,
    message: `${resourceText(desired.id)} is a token of this daemon (type ${tokenSecretType}), which no application may write; use capstan token create`,
  }));
}

/** A render that gives nothing never takes everything away (DESIGN 4.7). */
function checkEmptyRender(facts: CheckFacts): readonly Problem[] {
  const mayBeEmpty = facts.application.spec.syncPolicy?.automated?.allowEmpty === true;
  if (facts.desired.length > 0 || facts.inventory.length === 0 || mayBeEmpty) return [];
  return [{
    reason: "EmptyRender",
    message: `path ${facts.application.spec.source.path ?? "."} renders no object at all, which would remove all ${facts.inventory.length} of the application; if that is meant, set syncPolicy.automated.allowEmpty`,
  }];
}

function checkOwners(facts: CheckFacts, wanted: readonly Pick<Desired, "id" | "place">[]): readonly Problem[] {
  return wanted.flatMap((desired) => {
    const live = facts.live(desired.id);
    const owner = live === undefined ? undefined : trackedBy(live);
    if (owner === undefined || owner === applicationKey(facts.application) || !facts.isClaimedBy(owner, desired.id)) return [];
    return [{ reason: "AlreadyOwned" as const, place: desired.place, message: `${resourceText(desired.id)} belongs to application ${owner}; remove it from one of the two` }];
  });
}

function checkNamespaces(plan: Plan, facts: CheckFacts): readonly Problem[] {
  const made = new Set(stepsOf(plan).filter((step) => step.kind === NamespaceKind.kind && step.action === "Create").map((step) => step.name));
  const exists = (name: string) => facts.live({ group: "", kind: NamespaceKind.kind, namespace: "", name }) !== undefined;
  const missing = new Map<string, Pick<Desired, "place">>();
  for (const desired of [...facts.desired, ...facts.hooks ?? []]) {
    const { namespace } = desired.id;
    if (namespace !== "" && !made.has(namespace) && !exists(namespace) && !missing.has(namespace)) missing.set(namespace, desired);
  }
  return [...missing].map(([namespace, desired]) => ({
    reason: "NamespaceMissing" as const, place: desired.place,
    message: `namespace ${namespace} does not exist; create it, add it to the manifests, or set syncPolicy.syncOptions: [${createNamespaceOption}]`,
  }));
}
