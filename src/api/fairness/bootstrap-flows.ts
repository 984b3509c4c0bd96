import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, QueuingConfiguration, ResourcePolicyRule, Subject } from "../../model/generated/flowcontrol-v1.ts";
import type { ApiObject } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import type { TransactionWrite } from "../client.ts";
import type { FlowObjects } from "./fairness.ts";

const apiVersion = "flowcontrol.apiserver.k8s.io/v1";

/** Says of a schema or level that its spec is Kubernetes' own and follows it. */
const autoUpdateAnnotation = "apf.kubernetes.io/autoupdate-spec";

const group = (name: string): Subject => ({ kind: "Group", group: { name } });
const user = (name: string): Subject => ({ kind: "User", user: { name } });
const systemAccounts: Subject = { kind: "ServiceAccount", serviceAccount: { namespace: "kube-system", name: "*" } };
const everybody: readonly Subject[] = [group("system:unauthenticated"), group("system:authenticated")];

/** Every verb on everything. */
function all(subjects: readonly Subject[]): PolicyRulesWithSubjects {
  return { subjects, resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] }], nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }] };
}

function some(subjects: readonly Subject[], resourceRules: readonly ResourcePolicyRule[]): PolicyRulesWithSubjects {
  return { subjects, resourceRules };
}

const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: ["*"] };

/** Name, level, precedence, what tells flows apart, rules: upstream's mandatory and suggested schemas. @see kubernetes apiserver pkg/apis/flowcontrol/bootstrap/default.go */
const schemaRows: readonly (readonly [string, string, number, "ByUser" | "ByNamespace" | undefined, PolicyRulesWithSubjects])[] = [
  ["exempt", "exempt", 1, undefined, all([group("system:masters")])],
  ["probes", "exempt", 2, undefined, { subjects: everybody, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }] }],
  ["system-leader-election", "leader-election", 100, "ByUser", some([user("system:kube-controller-manager"), user("system:kube-scheduler"), systemAccounts], [{ verbs: ["get", "create", "update"], ...leases }])],
  ["system-node-high", "node-high", 400, "ByUser", some([group("system:nodes")], [{ verbs: ["*"], apiGroups: [""], resources: ["nodes", "nodes/status"], clusterScope: true, namespaces: ["*"] }, { verbs: ["*"], ...leases }])],
  ["system-nodes", "system", 500, "ByUser", all([group("system:nodes")])],
  ["kube-controller-manager", "workload-high", 800, "ByNamespace", all([user("system:kube-controller-manager")])],
  ["kube-scheduler", "workload-high", 800, "ByNamespace", all([user("system:kube-scheduler")])],
  ["kube-system-service-accounts", "workload-high", 900, "ByNamespace", all([systemAccounts])],
  ["service-accounts", "workload-low", 9_000, "ByUser", all([group("system:serviceaccounts")])],
  ["global-default", "global-default", 9_900, "ByUser", all(everybody)],
  ["catch-all", "catch-all", 10_000, "ByUser", all(everybody)],
];

/** Name, shares, percent that is lent, and queues, hand and length where requests wait: upstream's limited levels. */
const levelRows: readonly (readonly [string, number, number, (readonly [number, number, number])?])[] = [
  ["catch-all", 5, 0],
  ["global-default", 20, 50, [128, 6, 50]],
  ["leader-election", 10, 0, [16, 4, 50]],
  ["node-high", 40, 25, [64, 6, 50]],
  ["system", 30, 33, [64, 6, 50]],
  ["workload-high", 40, 50, [128, 6, 50]],
  ["workload-low", 100, 90, [128, 6, 50]],
];

const metadataOf = (name: string) => ({ name, annotations: { [autoUpdateAnnotation]: "true" } });

/** The schemas and levels every cluster begins with. */
export const bootstrapFlows: FlowObjects = {
  schemas: schemaRows.map(([name, level, matchingPrecedence, type, rule]): FlowSchema => ({
    apiVersion, kind: "FlowSchema", metadata: metadataOf(name), status: {},
    spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, ...(type === undefined ? {} : { distinguisherMethod: { type } }), rules: [rule] },
  })),
  levels: [
    { apiVersion, kind: "PriorityLevelConfiguration", metadata: metadataOf("exempt"), spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }, status: {} },
    ...levelRows.map(([name, nominalConcurrencyShares, lendablePercent, queued]): PriorityLevelConfiguration => ({
      apiVersion, kind: "PriorityLevelConfiguration", metadata: metadataOf(name), status: {},
      spec: { type: "Limited", limited: { nominalConcurrencyShares, lendablePercent, limitResponse: queued === undefined ? { type: "Reject" } : { type: "Queue", queuing: queuingOf(queued) } } },
    })),
  ],
};

function queuingOf([queues, handSize, queueLengthLimit]: readonly [number, number, number]): QueuingConfiguration {
  return { queues, handSize, queueLengthLimit };
}

/** What a cluster lacks of them: what is absent is made; what still follows Kubernetes (its annotation says so) and differs is set right. Pure. */
export function planFlows(existing: FlowObjects): readonly TransactionWrite[] {
  return [...planOf(bootstrapFlows.schemas, existing.schemas), ...planOf(bootstrapFlows.levels, existing.levels)];
}

function planOf<T extends FlowSchema | PriorityLevelConfiguration>(wanted: readonly T[], existing: readonly T[]): readonly TransactionWrite[] {
  return wanted.flatMap((object): readonly TransactionWrite[] => {
    const found = existing.find(({ metadata }) => metadata.name === object.metadata.name);
    if (found === undefined) return [{ verb: "create", object }];
    const isFollowing = found.metadata.annotations?.[autoUpdateAnnotation] === "true";
    return isFollowing && !isEqual(found.spec, object.spec) ? [{ verb: "update", object: withSpec(found, object) }] : [];
  });
}

function withSpec(found: FlowSchema | PriorityLevelConfiguration, { spec }: FlowSchema | PriorityLevelConfiguration): ApiObject {
  const mended = { ...found, spec };
  return mended;
}
