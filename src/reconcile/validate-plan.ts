import type { Client, TransactionWrite } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import type { ApiError } from "../model/api-error.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import type { Plan, Step } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { problemsShownMax } from "./problem.ts";

/**
 * Asks the API, without writing, whether it would take every step of a plan, so that a refusal has the manifest's place
 * and nothing of a bad commit is ever written. Namespaces the plan makes are part of each question.
 */
export async function validatePlan(plan: Plan, client: Client): Promise<readonly Problem[]> {
  const steps = plan.waves.flatMap((wave) => wave.steps);
  const namespaces = new Map(steps.filter((step) => step.kind === NamespaceKind.kind && step.action === "Create").map((step) => [step.name, step]));
  const problems: Problem[] = [];
  for (const step of steps) {
    const namespace = namespaces.get(step.namespace);
    const writes = [...(namespace === undefined ? [] : [writeOf(namespace)]), writeOf(step)].flatMap((write) => write ?? []);
    try {
      await client.transact({ writes, dryRun: true });
    } catch (error) {
      if (!isApiError(error, "Invalid", "Forbidden", "BadRequest", "RequestEntityTooLarge", "NotFound")) continue;
      problems.push(problemOf(step, error));
      if (problems.length > problemsShownMax) break;
    }
  }
  return problems;
}

function writeOf(step: Step): TransactionWrite | undefined {
  if (step.object === undefined) return undefined;
  return step.action === "Create" ? { verb: "create", object: step.object } : { verb: "update", object: withoutVersion(step.object) };
}

/** The question is about the content; a status written meanwhile must not answer it with a conflict. */
function withoutVersion(object: NonNullable<Step["object"]>): NonNullable<Step["object"]> {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function problemOf(step: Step, error: ApiError): Problem {
  return { reason: error.reason === "Forbidden" ? "Forbidden" : "InvalidObject", message: error.message, ...(step.place === undefined ? {} : { place: step.place }) };
}
