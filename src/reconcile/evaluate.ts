import type { Reader } from "../control/controller.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { Application } from "../model/kinds/application.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import { parseKey } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import { inventoryIds, kindOfId } from "./application-status.ts";
import { checkPlan, createNamespaceOption } from "./check-plan.ts";
import type { ReleaseEvent } from "./hooks.ts";
import type { Desired } from "./desired.ts";
import { desiredOf } from "./desired.ts";
import type { Memory, Wanted } from "./memory.ts";
import { isWantedBy, wantedOf } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { planSync } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { Manifest } from "../render/render.ts";
import { desiredDigestAnnotation } from "./sync-records.ts";
import type { KindLookup } from "./tree-kinds.ts";
import { applicationAnnotation, applicationKey, resourceKey, syncOptionsAnnotation } from "./tracking.ts";
import type { ResourceId } from "./tracking.ts";

/** Reads the live object of an id from the caches. */
export function liveReader(reader: Reader, kinds: KindLookup): (id: ResourceId) => ApiObject | undefined {
  return (id) => {
    const kind = kindOfId(id, kinds);
    return kind === undefined ? undefined : reader.get(kind, { namespace: kind.namespaced ? id.namespace : "", name: id.name });
  };
}

/** Turns a render into what is wanted, the destination's namespace included where it is to be made. Pure. */
export function wantedOfRender(application: Application, render: { readonly revision: string; readonly treeDigest: string; readonly manifests: readonly Manifest[]; readonly input?: string }, kinds: KindLookup): { readonly wanted: Wanted; readonly problems: readonly Problem[] } {
  const { revision, treeDigest, manifests } = render;
  const { desired, hooks, problems } = desiredOf(application, manifests, kinds);
  const namespace = application.spec.destination.namespace;
  // A render without any object is no render with one namespace: it has to be seen as empty, and refused (DESIGN 4.7).
  const isEmptyMeant = application.spec.syncPolicy?.automated?.allowEmpty === true;
  const isMade = application.spec.syncPolicy?.syncOptions?.includes(createNamespaceOption) === true && namespace !== undefined && (desired.length > 0 || isEmptyMeant)
    && !desired.some((one) => one.id.kind === NamespaceKind.kind && one.id.name === namespace);
  return { wanted: wantedOf(revision, treeDigest, isMade ? [namespaceFor(application, namespace), ...desired] : desired, { hooks, input: render.input }), problems };
}

/** The namespace outlives the application: it may hold what others put there. */
function namespaceFor(application: Application, name: string): Desired {
  return {
    id: { group: "", kind: NamespaceKind.kind, namespace: "", name }, kind: NamespaceKind, wave: 0,
    object: { apiVersion: "v1", kind: NamespaceKind.kind, metadata: { name, annotations: { [applicationAnnotation]: applicationKey(application), [syncOptionsAnnotation]: "Prune=false" } } },
    place: { file: `the application's syncOptions: ${createNamespaceOption}` },
  };
}

/** What the caches and the other applications say, for a plan. */
export interface EvaluateFacts {
  readonly application: Application;
  readonly wanted: Wanted;
  readonly priors: ReadonlyMap<string, readonly ApiObject[]>;
  readonly reader: Reader;
  readonly memories: ReadonlyMap<string, Memory>;
  readonly generation: number;
  readonly mayPrune: boolean;
  /** What is about to happen to the release, whose hooks run then. */
  readonly event?: ReleaseEvent | undefined;
  readonly kinds: KindLookup;
}

/** Plans and checks in one go. Pure over the caches. */
export function evaluate(facts: EvaluateFacts): { readonly plan: Plan; readonly problems: readonly Problem[] } {
  const { application, wanted, memories } = facts;
  const live = liveReader(facts.reader, facts.kinds);
  const inventory = inventoryIds(application.status.inventory ?? []);
  const others = [...memories].filter(([key]) => key !== applicationKey(application)).map(([, memory]) => memory);
  const plan = planSync({
    application, revision: wanted.revision, treeDigest: wanted.treeDigest, generation: facts.generation, desired: wanted.desired, live, inventory,
    priors: (id) => facts.priors.get(resourceKey(id)) ?? [], isWantedElsewhere: (id) => others.some((memory) => isWantedBy(memory, id)), kindOf: (id) => kindOfId(id, facts.kinds), mayPrune: facts.mayPrune,
    event: facts.event, hooks: wanted.hooks,
  });
  const problems = checkPlan(plan, {
    application, desired: wanted.desired, hooks: wanted.hooks, inventory, live,
    isClaimedBy: (owner, id) => isClaimedBy(owner, id, facts),
  });
  return { plan, problems };
}

/** What bringing this about is to the release: nothing when it is what was deployed last, or when the record of that is gone. */
export function releaseEventOf(application: Application, wanted: Wanted, isRollback: boolean, reader: Pick<Reader, "get">): ReleaseEvent | undefined {
  const running = application.status.history?.at(-1);
  if (running === undefined) return "install";
  const sync = reader.get(SyncKind, { namespace: application.metadata.namespace ?? "", name: running.sync });
  const digest = sync?.metadata.annotations?.[desiredDigestAnnotation];
  if (digest === undefined || digest === wanted.digest) return undefined;
  return isRollback ? "rollback" : "upgrade";
}

/** An application that was not rendered yet, as after a start, claims what it deployed. */
function isClaimedBy(owner: string, id: ResourceId, { memories, reader }: EvaluateFacts): boolean {
  const memory = memories.get(owner);
  if (memory?.wanted !== undefined) return isWantedBy(memory, id);
  const application = reader.get(ApplicationKind, parseKey(owner));
  return application !== undefined && inventoryIds(application.status.inventory ?? []).some((item) => resourceKey(item) === resourceKey(id));
}
