import type { Controller } from "../../control/controller.ts";
import type { ClusterRole } from "../../model/generated/rbac-v1.ts";
import { ClusterRoleKind } from "../../model/kinds/rbac.ts";
import { decideAggregate } from "./decide.ts";

/** Writes the rules of ClusterRoles that are made of others'. @see kubernetes pkg/controller/clusterroleaggregation */
export const clusterRoleAggregationController: Controller<ClusterRole> = {
  name: "clusterrole-aggregation-controller",
  user: "system:serviceaccount:kube-system:clusterrole-aggregation-controller",
  kind: ClusterRoleKind,
  reads: [ClusterRoleKind],
  writes: [{ kind: ClusterRoleKind, part: "spec" }],
  // It gathers whatever the labels choose.
  rights: [{ apiGroups: [ClusterRoleKind.group], resources: [ClusterRoleKind.plural], verbs: ["escalate"] }],
  wakes: [{
    kind: ClusterRoleKind,
    keys: (_changed, _previous, reader) => reader.list(ClusterRoleKind).filter((role) => role.aggregationRule !== undefined).map(({ metadata }) => ({ namespace: "", name: metadata.name })),
  }],
  async reconcile(ref, role, { reader, writer }) {
    if (role?.aggregationRule === undefined) return { kind: "done" };
    const rules = decideAggregate(role, reader.list(ClusterRoleKind));
    if (rules !== undefined) await writer.patch(ClusterRoleKind, ref, { type: "merge", body: { rules: rules.map((rule) => ({ ...rule })) } });
    return { kind: "done" };
  },
};
