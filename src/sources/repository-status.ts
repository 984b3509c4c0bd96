import type { Condition } from "../model/generated/meta-v1.ts";
import type { RepositoryStatus } from "../model/generated/capstan-v1.ts";
import type { Repository } from "../model/kinds/repository.ts";
import type { RepositoryProblem } from "../world/repositories.ts";
import { printTime } from "../world/clock.ts";

/** Branches and tags shown in a status; more would make the object large for no reader. */
const refsShownMax = 100;
/** An unchanged status is written again after this long, so that `fetchedAt` shows the daemon still asks. */
const refreshMs = 600_000;

/** What a poll found. */
export interface PollResult {
  readonly problem?: RepositoryProblem;
  readonly refs: ReadonlyMap<string, string>;
}

/** The status a Repository should have after a poll, or undefined when the one it has says the same. Pure. */
export function decideStatus(repository: Repository, result: PollResult, nowMs: number): RepositoryStatus | undefined {
  // A new object may come without a status at all.
  const old: RepositoryStatus | undefined = repository.status;
  const refs = result.problem === undefined ? showRefs(result.refs) : old?.refs ?? [];
  const condition = decideCondition(repository, result, nowMs);
  const before = old?.conditions?.find(({ type }) => type === "Ready");
  const isSame = before !== undefined && before.status === condition.status && before.reason === condition.reason && before.message === condition.message
    && before.observedGeneration === condition.observedGeneration && JSON.stringify(old?.refs ?? []) === JSON.stringify(refs);
  const lastMs = Date.parse(old?.fetchedAt ?? "");
  if (isSame && (result.problem !== undefined || nowMs - lastMs < refreshMs)) return undefined;
  const fetchedAt = result.problem === undefined ? printTime(nowMs) : old?.fetchedAt;
  return {
    ...old, refs, conditions: [condition, ...(old?.conditions ?? []).filter(({ type }) => type !== "Ready")],
    ...(fetchedAt === undefined ? {} : { fetchedAt }),
    ...(repository.metadata.generation === undefined ? {} : { observedGeneration: repository.metadata.generation }),
  };
}

function decideCondition(repository: Repository, result: PollResult, nowMs: number): Condition {
  const status = result.problem === undefined ? "True" : "False";
  const old: RepositoryStatus | undefined = repository.status;
  const before = old?.conditions?.find(({ type }) => type === "Ready");
  return {
    type: "Ready", status, reason: result.problem?.reason ?? "Fetched",
    message: result.problem?.message ?? `${result.refs.size} refs`,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : printTime(nowMs),
    ...(repository.metadata.generation === undefined ? {} : { observedGeneration: repository.metadata.generation }),
  };
}

function showRefs(refs: ReadonlyMap<string, string>): readonly { readonly name: string; readonly commit: string }[] {
  return [...refs].filter(([name]) => /^refs\/(?:heads|tags)\//u.test(name)).slice(0, refsShownMax).map(([name, commit]) => ({ name, commit }));
}
