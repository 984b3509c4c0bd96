import type { Deployment } from "../../model/kinds/deployment.ts";
import type { ReplicaSet } from "../../model/kinds/replica-set.ts";
import { byAge, replicasOf } from "./replica-counts.ts";

/** Which rollout a ReplicaSet, or a Deployment now, stands for: a decimal number. */
export const revisionAnnotation = "deployment.kubernetes.io/revision";
/** Earlier revisions of a ReplicaSet that was used again, with commas. */
export const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
/** Longest history kept in that annotation, in characters (upstream pkg/controller/deployment/util). */
export const revisionHistoryMax = 2000;

/** A set's revision, of 64 bits as upstream's; 0 when it has none. */
export function revisionOf(set: ReplicaSet): bigint {
  const text = set.metadata.annotations?.[revisionAnnotation] ?? "";
  const revision = /^-?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

/** The highest revision among sets, 0 when there is none. */
export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n);
}

/** A set's revision annotations once it stands for `revision`: an earlier, lower one goes to the history. */
export function revisionAnnotations(set: ReplicaSet, revision: bigint): Readonly<Record<string, string>> {
  const earlier = revisionOf(set);
  if (earlier >= revision) return {};
  const annotations = { [revisionAnnotation]: String(revision) };
  if (earlier === 0n) return annotations;
  const known = set.metadata.annotations?.[revisionHistoryAnnotation] ?? "";
  let history = [...(known === "" ? [] : known.split(",")), String(earlier)];
  while (history.join(",").length > revisionHistoryMax) history = history.slice(1);
  return { ...annotations, [revisionHistoryAnnotation]: history.join(",") };
}

/** Old sets beyond the history limit that have no pods any more, oldest revision first. */
export function setsToForget(deployment: Deployment, oldSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const candidates = oldSets.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = candidates.length - limit;
  if (surplus <= 0) return [];
  return candidates.toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)) || byAge(a, b)).slice(0, surplus)
    .filter((set) => replicasOf(set.spec) === 0 && (set.status.replicas ?? 0) === 0 && isObserved(set));
}

/** True when a set's status speaks of its present spec. */
export function isObserved(set: ReplicaSet): boolean {
  return (set.status.observedGeneration ?? 0) >= (set.metadata.generation ?? 0);
}
