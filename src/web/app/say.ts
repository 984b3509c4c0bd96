import type { Application, Sync } from "../../model/generated/capstan-v1.ts";
import { printAge } from "../../value/duration.ts";

/** Letters of a commit shown. */
const commitLength = 8;

/** The first letters of a commit. */
export function shortCommit(revision: string | undefined): string {
  return revision !== undefined && /^[0-9a-f]{40,64}$/.test(revision) ? revision.slice(0, commitLength) : (revision ?? "");
}

/** The first line of a commit message. */
export function subjectOf(message: string | undefined): string {
  return (message ?? "").split("\n", 1)[0] ?? "";
}

/** The name of `Name <address>`. */
export function authorName(author: string | undefined): string {
  return (author ?? "").replace(/\s*<[^>]*>\s*$/, "");
}

/** `3m ago`; "" when there is no time. */
export function printAgo(time: string | undefined, nowMs: number): string {
  const atMs = Date.parse(time ?? "");
  return Number.isNaN(atMs) ? "" : nowMs - atMs < 1500 ? "just now" : `${printAge(nowMs - atMs)} ago`;
}

/** A span people read: `120 ms`, `1.4 s`, `2m10s`. */
export function printSpan(spanMs: number): string {
  if (spanMs < 1000) return `${Math.round(spanMs)} ms`;
  return spanMs < 120_000 ? `${(spanMs / 1000).toFixed(1)} s` : printAge(spanMs);
}

/** How long a sync took; undefined while it runs or when nobody noted it. */
export function durationOf(sync: Sync): number | undefined {
  const timings = sync.status.timings ?? [];
  if (timings.length > 0) return timings.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const [from, to] = [Date.parse(sync.status.startedAt ?? ""), Date.parse(sync.status.finishedAt ?? "")];
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : to - from;
}

/** What keeps an application from being compared, in the reconciler's own words. */
export function problemOf(application: Application): { readonly reason: string; readonly message: string } | undefined {
  const condition = application.status.conditions?.find(({ type, status }) => type === "ComparisonError" && status === "True");
  return condition === undefined ? undefined : { reason: condition.reason ?? "ComparisonError", message: condition.message ?? "" };
}

/** What a reason of the reconciler means, as a heading. */
export function titleOfProblem(reason: string): string {
  return problemTitles[reason] ?? `Not compared with Git (${reason})`;
}

const problemTitles: Readonly<Record<string, string>> = {
  RenderFailed: "The folder cannot be rendered", Unreachable: "The repository cannot be reached", Unauthorized: "The repository refuses the credentials", NoSuchRepository: "There is no such repository",
  NoSuchRevision: "Git has no such revision", Empty: "The repository is empty", TooLarge: "The repository is too large", NotAllowed: "The repository is not allowed", Damaged: "The repository is damaged", NoSuchPath: "Git has no such folder",
};

/** The one sentence on an application that is not well: what cannot be compared, what failed, what is waited for, or what ails. Undefined when all is well. */
export function causeOf(application: Application): string | undefined {
  const problem = problemOf(application);
  if (problem !== undefined) return problem.message.split("\n", 1)[0];
  const { operationState, health } = application.status;
  if (operationState?.phase === "Failed") return operationState.message ?? "the last sync failed";
  // A sync that waits says for what: a hook, or a wave.
  if (operationState?.phase === "Running" && operationState.message?.startsWith("waiting for ") === true) return operationState.message;
  return health === undefined || health.status === "Healthy" ? undefined : (health.message ?? health.cause?.message);
}

/** True when an application answers a search: by name, repository, path, state or commit. */
export function isMatch(application: Application, search: string): boolean {
  const { metadata, spec, status } = application;
  const text = [metadata.namespace, metadata.name, spec.source.repoURL, spec.source.path, status.sync?.status, status.health?.status, status.sync?.revision, status.sync?.message, status.sync?.author].join(" ").toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** The syncs of an application, newest first. */
export function syncsOf(application: Application, syncs: Iterable<Sync>): readonly Sync[] {
  return [...syncs].filter((sync) => sync.spec.application === application.metadata.name && sync.metadata.namespace === application.metadata.namespace)
    .toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration);
}

/** One line of a diff taken apart: `path: before → after`, `path: + after`, `path: - before`. */
export interface DiffLine {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Reads a line as the reconciler prints it. Pure. */
export function parseDiffLine(line: string): DiffLine {
  // Paths have no ": " outside quotes of a list's selector, values may.
  const split = /^((?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^:]|:(?! ))+): ([\s\S]*)$/.exec(line);
  const [, path = line, rest = ""] = split ?? [];
  if (split === null) return { path, before: undefined, after: undefined };
  if (rest.startsWith("+ ")) return { path, before: undefined, after: rest.slice(2) };
  if (rest.startsWith("- ")) return { path, before: rest.slice(2), after: undefined };
  const arrow = rest.indexOf(" → ");
  return arrow < 0 ? { path, before: undefined, after: rest } : { path, before: rest.slice(0, arrow), after: rest.slice(arrow + 3) };
}
