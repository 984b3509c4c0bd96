import type { ApiObject } from "../model/object.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { asJson } from "../value/json.ts";
import type { StoredDesired, StoredRender } from "./artifacts.ts";
import type { Desired } from "./desired.ts";
import type { DesiredHook } from "./hooks.ts";
import type { Plan } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import type { Problem } from "./problem.ts";
import type { HookRun } from "./run-hooks.ts";
import { withTreeKinds } from "./tree-kinds.ts";
import type { KindLookup } from "./tree-kinds.ts";
import { resourceIdOf, resourceKey } from "./tracking.ts";
import type { ResourceId } from "./tracking.ts";

/** What is wanted, and by which commit. */
export interface Wanted {
  readonly revision: string;
  readonly treeDigest: string;
  readonly desired: readonly Desired[];
  /** What runs at events of the release. */
  readonly hooks: readonly DesiredHook[];
  /** Digest of all that went into the render; undefined where that is not known. */
  readonly input?: string | undefined;
  readonly keys: ReadonlySet<string>;
  readonly digest: string;
}

/** What is remembered of an application between two reconciles. All of it can be lost and is found again. */
export interface Memory {
  prepared?: Prepared;
  wanted?: Wanted;
  /** What is wrong with the newest commit. */
  problems: readonly Problem[];
  /** What keeps Git from being asked. */
  sourceProblems: readonly Problem[];
  /** Problems of the newest plan whose fields were looked for in the templates, and of what. */
  placed?: { readonly key: string; readonly problems: readonly Problem[] };
  /** Commit the problems belong to. */
  problemCommit?: string;
  /** When Git was last asked, by the monotonic clock as all times here, and for which generation of the spec. */
  askedAtMs?: number;
  askedGeneration?: number;
  nextAskMs?: number;
  /** How long the newest plan took. */
  planMs?: number;
  seenBy: "Push" | "Poll" | "Webhook" | "Change";
  /** Versions applied since the last completed sync, by resource key; undefined until loaded. */
  priors?: Map<string, readonly ApiObject[]>;
  /** What the pinned rollback wants. */
  pinned?: Wanted;
  /** How far the hooks of its removal are. */
  removal?: { attempt: number; readonly hooks: readonly DesiredHook[]; readonly done: Set<string>; run?: HookRun };
  /** Tests of the release that run now, for which wish. */
  tests?: { readonly asked: string; readonly hooks: number; readonly run: HookRun };
  /** Since when removals wait for applications of the same repository. */
  waitingForSiblingsSinceMs?: number;
}

/** An empty memory. */
export function newMemory(): Memory {
  return { problems: [], sourceProblems: [], seenBy: "Change" };
}

/** What is wanted by a commit. */
export function wantedOf(revision: string, treeDigest: string, desired: readonly Desired[], more: { readonly hooks?: readonly DesiredHook[]; readonly input?: string | undefined } = {}): Wanted {
  const { hooks = [], input } = more;
  return {
    revision, treeDigest, desired, hooks, input, keys: new Set(desired.map((one) => resourceKey(one.id))),
    digest: sha256(printCanonicalJson([...desired.map((one) => asJson({ object: one.object, wave: one.wave })), ...hooks.map(({ object }) => asJson({ object }))])),
  };
}

/** What a stored render wanted. Objects of kinds that are no longer served are left out. */
export function wantedOfStored(render: StoredRender, served: KindLookup): Wanted {
  const kinds = withTreeKinds(served, render.desired.map(({ object }) => object));
  const hooks = (render.hooks ?? []).flatMap(({ object, place, hook }) => {
    const kind = kinds.find(object.apiVersion, object.kind);
    return kind === undefined ? [] : [{ id: resourceIdOf(kind, object), kind, object, place, hook }];
  });
  return wantedOf(render.plan.revision, render.plan.treeDigest, render.desired.flatMap((stored) => desiredOfStored(stored, kinds) ?? []), { hooks, input: render.input });
}

/** What is kept of a plan and of what it brings about. */
export function storedRenderOf(plan: Plan, { desired, hooks, input }: Wanted): StoredRender {
  return {
    plan, desired: desired.map(({ object, wave, place }) => ({ object, wave, place })),
    ...(hooks.length === 0 ? {} : { hooks: hooks.map(({ object, place, hook }) => ({ object, place, hook })) }), ...(input === undefined ? {} : { input }),
  };
}

function desiredOfStored(stored: StoredDesired, kinds: KindLookup): Desired | undefined {
  const kind = kinds.find(stored.object.apiVersion, stored.object.kind);
  if (kind === undefined) return undefined;
  return { id: resourceIdOf(kind, stored.object), kind, object: stored.object, wave: stored.wave, place: stored.place };
}

/** Adds the versions a plan applies to those already applied. */
export function withApplied(priors: ReadonlyMap<string, readonly ApiObject[]>, desired: readonly Desired[]): Map<string, readonly ApiObject[]> {
  const next = new Map(priors);
  for (const one of desired) next.set(resourceKey(one.id), [...(next.get(resourceKey(one.id)) ?? []), one.object]);
  return next;
}

/** True when another application's newest render has the object. */
export function isWantedBy(memory: Memory | undefined, id: ResourceId): boolean {
  return memory?.wanted?.keys.has(resourceKey(id)) === true;
}
