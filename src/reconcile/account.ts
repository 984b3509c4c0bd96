import type { Client, UserInfo } from "../api/client.ts";
import { serviceAccountGroups, serviceAccountUser } from "../api/access/role-index.ts";
import { resourceName } from "../model/kind.ts";
import type { Application } from "../model/kinds/application.ts";
import { SubjectAccessReviewKind } from "../model/kinds/reviews.ts";
import { ServiceAccountKind } from "../model/kinds/service-account.ts";
import type { ObjectRef } from "../model/object.ts";
import type { Loop } from "./loop.ts";
import type { Plan, Step } from "./plan.ts";
import { hookStepsOf, stepsOf } from "./plan.ts";
import type { Problem } from "./problem.ts";

/** The verbs a step needs. What is changed or removed must be readable as well: its plan shows how it stands. */
const verbsOf: Readonly<Record<Step["action"], readonly string[]>> = { Create: ["create"], Update: ["get", "update"], Move: ["get", "update"], Delete: ["get", "delete"] };

/** A hook's object is made, and removed before the next time. */
const hookVerbs: readonly string[] = ["create", "delete"];

/** Rights named in one message; the others are counted. */
const rightsNamedMax = 6;

/** The ServiceAccount an application is synced as; undefined for the daemon's own rights. */
export function accountOf(application: Application): ObjectRef | undefined {
  const { serviceAccountName = "" } = application.spec;
  return serviceAccountName === "" ? undefined : { namespace: application.metadata.namespace ?? "", name: serviceAccountName };
}

/** True for an application whose account is not there. */
export async function isAccountMissing(loop: Loop, application: Application): Promise<boolean> {
  const account = accountOf(application);
  return account !== undefined && await loop.client.get(ServiceAccountKind, account) === undefined;
}

/** The client that writes what an application contains. */
export function writerOf(loop: Loop, application: Application): Client {
  const account = accountOf(application);
  return account === undefined ? loop.client : loop.clientAs(userOf(account));
}

/**
 * What keeps an application's ServiceAccount from carrying out a plan, as one problem: that there is none, or the rights it lacks and how to give them.
 * Undefined where it has them all, and without an account.
 */
export async function findDenied(loop: Loop, application: Application, plan: Plan): Promise<Problem | undefined> {
  const account = accountOf(application);
  if (account === undefined) return undefined;
  if (await isAccountMissing(loop, application)) {
    return { reason: "AccountDenied", message: `ServiceAccount ${printAccount(account)} does not exist: create it, or name another in spec.serviceAccountName` };
  }
  const missing = new Map<string, Step>();
  const steps = [...stepsOf(plan).map((step) => ({ step, verbs: verbsOf[step.action] })), ...hookStepsOf(plan).map((step) => ({ step, verbs: hookVerbs }))];
  for (const { step, verbs } of steps) {
    for (const verb of verbs) {
      const right = await missingRight(loop, userOf(account), { step, verb });
      if (right !== undefined && !missing.has(right)) missing.set(right, step);
    }
  }
  const [first] = missing.values();
  if (first === undefined) return undefined;
  return { reason: "AccountDenied", message: explain(account, [...missing.keys()]), ...(first.place === undefined ? {} : { place: first.place }) };
}

/** True when a plan may not be carried out for its account: then it may not be shown either, for it says how things stand. */
export function isDenied(problems: readonly Problem[]): boolean {
  return problems.some(({ reason }) => reason === "AccountDenied");
}

/** What the API refused to an application's ServiceAccount, with whose rights were asked for. */
export function withAccount(message: string, application: Application): string {
  const account = accountOf(application);
  return account === undefined ? message : `${message} (synced as ServiceAccount ${printAccount(account)}, spec.serviceAccountName: give it the right, or name another)`;
}

function userOf({ namespace, name }: ObjectRef): UserInfo {
  return { name: serviceAccountUser(namespace, name), groups: [...serviceAccountGroups(namespace), "system:authenticated"] };
}

function printAccount({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

/** `create deployments.apps in namespace shop`, where the user may not. */
async function missingRight(loop: Loop, user: UserInfo, { step, verb }: { readonly step: Step; readonly verb: string }): Promise<string | undefined> {
  const kind = loop.kinds.find(step.apiVersion, step.kind);
  // A definition of the same commit brings it; the API answers for it when it is there.
  if (kind === undefined) return undefined;
  const namespace = kind.namespaced ? step.namespace : "";
  const { status } = await loop.client.create(SubjectAccessReviewKind, {
    apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: { name: "" }, status: { allowed: false },
    spec: { user: user.name, groups: user.groups, resourceAttributes: { verb, group: kind.group, resource: kind.plural, namespace, name: verb === "create" ? "" : step.name } },
  });
  return status.allowed ? undefined : `${verb} ${resourceName(kind)} ${namespace === "" ? "in the whole cluster" : `in namespace ${namespace}`}`;
}

function explain(account: ObjectRef, rights: readonly string[]): string {
  const named = rights.slice(0, rightsNamedMax).join(", ");
  const more = rights.length > rightsNamedMax ? ` and ${rights.length - rightsNamedMax} more` : "";
  const isClusterWide = rights.some((right) => right.endsWith("in the whole cluster"));
  return `ServiceAccount ${printAccount(account)} (spec.serviceAccountName) may not ${named}${more}: give it these rights with a ${isClusterWide ? "ClusterRole and a ClusterRoleBinding" : "Role and a RoleBinding"}, or name another account`;
}
