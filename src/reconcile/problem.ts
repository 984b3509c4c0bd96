import type { OriginQuery } from "../render/origins/origin.ts";
import type { Place, RenderProblem } from "../render/render.ts";
import { printPlace } from "../render/render.ts";

/** What kept an application from being planned; reasons are the condition reasons of the Application. */
export interface Problem {
  readonly reason:
    | "Unreachable" | "Unauthorized" | "NoSuchRepository" | "NoSuchRevision" | "Empty" | "TooLarge" | "NotAllowed" | "Damaged"
    | "RenderFailed" | "UnknownKind" | "InvalidObject" | "AlreadyOwned" | "NamespaceMissing" | "EmptyRender" | "Forbidden"
    /** The application's ServiceAccount is missing, or lacks a right. */
    | "AccountDenied";
  readonly message: string;
  readonly place?: Place;
  /** The field at fault, where the API names one. */
  readonly field?: { readonly object: OriginQuery; readonly path: string };
}

/** At most this many problems are shown at once, so that one broken file does not hide behind a thousand lines. */
export const problemsShownMax = 10;

/** `templates/web.yaml:12:3: spec.replicas: …`: one line a person can act on. */
export function printProblem(problem: Problem): string {
  return problem.place === undefined ? problem.message : `${printPlace(problem.place)}: ${problem.message}`;
}

/** All problems as lines, each once (two templates may include the same fault), cut at the limit with the number of what was left out. */
export function printProblems(problems: readonly Problem[]): readonly string[] {
  const lines = [...new Set(problems.map(printProblem))];
  return lines.length > problemsShownMax ? [...lines.slice(0, problemsShownMax), `and ${lines.length - problemsShownMax} more`] : lines;
}

/** A render problem as a problem of the application. */
export function renderProblem(problem: RenderProblem): Problem {
  return { reason: "RenderFailed", message: problem.message, ...(problem.place === undefined ? {} : { place: problem.place }) };
}
