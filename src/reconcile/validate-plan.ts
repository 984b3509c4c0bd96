import type { TransactionWrite } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import type { ApiError } from "../model/api-error.ts";
import { applyDefaults } from "../model/defaults.ts";
import { resourceName } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import type { Application } from "../model/kinds/application.ts";
import { CustomResourceDefinitionKind } from "../model/kinds/api-extensions.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { invalidError } from "../model/print-field-error.ts";
import { validateObject } from "../model/validate.ts";
import { findDenied, writerOf } from "./account.ts";
import type { Desired } from "./desired.ts";
import type { Loop } from "./loop.ts";
import { hookStepsOf } from "./plan.ts";
import type { Plan, Step } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { problemsShownMax } from "./problem.ts";
import { resourceKey } from "./tracking.ts";

/**
 * Asks the API, without writing, whether it would take every step of a plan, so that a refusal has the manifest's place
 * and nothing of a bad commit is ever written. Namespaces the plan makes are part of each question; objects of definitions it is about to
 * write are held against those.
 */
export async function validatePlan(plan: Plan, loop: Loop, { application, desired }: { readonly application: Application; readonly desired: readonly Desired[] }): Promise<readonly Problem[]> {
  const denied = await findDenied(loop, application, plan);
  if (denied !== undefined) return [denied];
  const client = writerOf(loop, application);
  const steps = plan.waves.flatMap((wave) => wave.steps);
  const namespaces = new Map(steps.filter((step) => step.kind === NamespaceKind.kind && step.action === "Create").map((step) => [step.name, step]));
  const problems: Problem[] = [];
  const coming = kindsToCome(steps, desired);
  for (const step of [...steps, ...hookStepsOf(plan)]) {
    const kind = coming.get(resourceKey(step));
    if (kind !== undefined) {
      problems.push(...checkHere(kind, step));
      continue;
    }
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

/** The kinds of the steps whose definition the same plan writes: the API does not serve them as they will be. */
function kindsToCome(steps: readonly Step[], desired: readonly Desired[]): ReadonlyMap<string, Kind> {
  const definitions = new Set(steps.filter((step) => step.kind === CustomResourceDefinitionKind.kind && step.group === CustomResourceDefinitionKind.group).map((step) => step.name));
  if (definitions.size === 0) return new Map();
  return new Map(desired.filter(({ kind }) => kind.schema !== undefined && definitions.has(resourceName(kind))).map(({ id, kind }) => [resourceKey(id), kind]));
}

function checkHere(kind: Kind, step: Step): readonly Problem[] {
  if (step.object === undefined) return [];
  const errors = validateObject(kind, applyDefaults(kind, step.object));
  return errors.length === 0 ? [] : [problemOf(step, invalidError(kind, step.name, errors))];
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

function fieldOf({ kind, name, namespace }: Step, { causes }: ApiError): Pick<Problem, "field"> {
  const path = causes[0]?.path;
  return path === undefined || path === "" ? {} : { field: { object: { kind, name, ...(namespace === "" ? {} : { namespace }) }, path } };
}

function problemOf(step: Step, error: ApiError): Problem {
  // Of a value of the wrong type the API tells what decoders tell; its causes say where.
  const isDecoding = error.reason === "BadRequest" && error.causes.length > 0;
  const message = isDecoding ? invalidError(step, step.name, error.causes).message : error.message;
  return { reason: error.reason === "Forbidden" ? "Forbidden" : "InvalidObject", message, ...(step.place === undefined ? {} : { place: step.place }), ...fieldOf(step, error) };
}
