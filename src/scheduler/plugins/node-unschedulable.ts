import { isTolerated } from "../../model/taints.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** Keeps pods off cordoned nodes, unless they tolerate the taint that says the same. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: "NodeUnschedulable",
  weight: 0,
  scale: "keep",
  begin: ({ pod }) => {
    if (isTolerated({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }, pod.spec.tolerations)) return undefined;
    return { filter: ({ node }) => (node.spec.unschedulable === true ? ["node(s) were unschedulable"] : []) };
  },
};
