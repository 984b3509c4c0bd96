import { isApiError } from "../model/api-error.ts";
import type { PriorityClass } from "../model/generated/scheduling-v1.ts";
import type { Kind } from "../model/kind.ts";
import { kinds as allKinds } from "../model/kinds.ts";
import { FlowSchemaKind, PriorityLevelConfigurationKind } from "../model/kinds/flowcontrol.ts";
import { NamespaceKind } from "../model/kinds/namespace.ts";
import { ClusterRoleBindingKind, ClusterRoleKind, RoleBindingKind, RoleKind } from "../model/kinds/rbac.ts";
import { IPAddressKind, ServiceCIDRKind, serviceBlockName } from "../model/kinds/networking.ts";
import type { ServiceCIDR } from "../model/kinds/networking.ts";
import { PriorityClassKind } from "../model/kinds/scheduling.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import { keyOf, refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import { ipFamilyOf } from "../value/ip.ts";
import { readBootstrapRoles } from "./access/bootstrap-roles.ts";
import { repairBinding, repairRole } from "./access/repair-roles.ts";
import type { Client, TransactionWrite } from "./client.ts";
import { ipAddressOf } from "./address-objects.ts";
import { planFlows } from "./fairness/bootstrap-flows.ts";
import { defaultReservations } from "./reservations.ts";

/** Namespaces every cluster has. */
export const systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** How often roles are looked at anew because another daemon on the same store was faster. */
const repairTriesMax = 5;

/** What a cluster is made with. */
export interface BootstrapOptions {
  readonly kinds?: readonly Kind[];
  /** The addresses of Services, as a block. */
  readonly serviceBlock?: string;
}

/** Makes sure that what every cluster has is there, and whole; harmless when it is. The client needs the right to all of it. */
export async function bootstrapCluster(client: Client, { kinds = allKinds, serviceBlock = defaultReservations.serviceBlock }: BootstrapOptions = {}): Promise<void> {
  await makeNamespaces(client);
  for (let tries = 1; ; tries++) {
    const writes = [...await planRoles(client, kinds), ...await planFlowControl(client), ...await planPriorityClasses(client), ...await planServiceBlock(client, serviceBlock), ...await planAddresses(client)];
    if (writes.length === 0) return;
    try {
      await client.transact({ writes });
      return;
    } catch (error) {
      if (!isApiError(error, "AlreadyExists", "Conflict", "NotFound") || tries === repairTriesMax) throw error;
    }
  }
}

async function makeNamespaces(client: Client): Promise<void> {
  for (const name of systemNamespaces) {
    if (await client.get(NamespaceKind, { namespace: "", name }) !== undefined) continue;
    try {
      await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {}, status: {} });
    } catch (error) {
      // Another daemon on the same store was faster.
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
  }
}

async function planFlowControl(client: Client): Promise<readonly TransactionWrite[]> {
  return planFlows({ schemas: (await client.list(FlowSchemaKind)).items, levels: (await client.list(PriorityLevelConfigurationKind)).items });
}

/** The classes of what the cluster itself needs. @see kubernetes pkg/apis/scheduling/v1/helpers.go */
const systemClasses = [
  ["system-cluster-critical", 2_000_000_000, "For pods the cluster cannot do without, on whichever node."],
  ["system-node-critical", 2_000_001_000, "For pods their node cannot do without."],
] as const;

async function planPriorityClasses(client: Client): Promise<readonly TransactionWrite[]> {
  const existing = new Set((await client.list(PriorityClassKind)).items.map(({ metadata }) => metadata.name));
  return systemClasses.filter(([name]) => !existing.has(name)).map(([name, value, description]) => {
    const object: PriorityClass = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description, preemptionPolicy: "PreemptLowerPriority" };
    return { verb: "create", object };
  });
}

async function planServiceBlock(client: Client, serviceBlock: string): Promise<readonly TransactionWrite[]> {
  if (await client.get(ServiceCIDRKind, { namespace: "", name: serviceBlockName }) !== undefined) return [];
  const object: ServiceCIDR = { apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata: { name: serviceBlockName }, spec: { cidrs: [serviceBlock] }, status: {} };
  return [{ verb: "create", object }];
}

/** The objects of addresses that Services have without one: those of a store that kept them another way. */
async function planAddresses(client: Client): Promise<readonly TransactionWrite[]> {
  const known = new Set((await client.list(IPAddressKind)).items.map(({ metadata }) => metadata.name));
  return (await client.list(ServiceKind)).items.flatMap((service): readonly TransactionWrite[] => {
    const { clusterIP = "" } = service.spec;
    return ipFamilyOf(clusterIP) === undefined || known.has(clusterIP) ? [] : [{ verb: "create", object: ipAddressOf(clusterIP, refOf(service)) }];
  });
}

/** What the roles and bindings every cluster has lack. */
async function planRoles(client: Client, kinds: readonly Kind[]): Promise<readonly TransactionWrite[]> {
  const expected = await readBootstrapRoles(kinds);
  const plan = async <T extends ApiObject>(kind: Kind<T>, wanted: readonly T[], repair: (wanted: T, existing: T) => readonly TransactionWrite[]) => {
    const existing = new Map((await client.list(kind)).items.map((object) => [keyOf(refOf(object)), object]));
    return wanted.flatMap((object): readonly TransactionWrite[] => {
      const found = existing.get(keyOf(refOf(object)));
      return found === undefined ? [{ verb: "create", object }] : repair(object, found);
    });
  };
  const repairOf = (repaired: ApiObject | undefined): readonly TransactionWrite[] => (repaired === undefined ? [] : [{ verb: "update", object: repaired }]);
  const repairBindingOf = <T extends Parameters<typeof repairBinding>[0]>(kind: Kind<T>) => (wanted: T, existing: T): readonly TransactionWrite[] => {
    const repair = repairBinding(wanted, existing);
    if (repair?.kind !== "replace") return repairOf(repair?.binding);
    return [{ verb: "remove", kind, ref: refOf(existing) }, { verb: "create", object: repair.binding }];
  };
  return [
    ...await plan(ClusterRoleKind, expected.clusterRoles, (wanted, existing) => repairOf(repairRole(wanted, existing))),
    ...await plan(RoleKind, expected.roles, (wanted, existing) => repairOf(repairRole(wanted, existing))),
    ...await plan(ClusterRoleBindingKind, expected.clusterRoleBindings, repairBindingOf(ClusterRoleBindingKind)),
    ...await plan(RoleBindingKind, expected.roleBindings, repairBindingOf(RoleBindingKind)),
  ];
}
