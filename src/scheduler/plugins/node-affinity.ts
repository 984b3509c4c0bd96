import { isNodeSelected, isTermMet } from "../node-selection.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** nodeSelector and node affinity: required terms filter, preferred ones score by their weights. */
export const nodeAffinity: SchedulerPlugin = {
  name: "NodeAffinity",
  weight: 2,
  scale: "highest",
  begin: ({ pod }) => {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return {
      filter: ({ node }) => (isNodeSelected(pod, node) ? [] : ["node(s) didn't match Pod's node affinity/selector"]),
      score: ({ node }) => preferred.reduce((sum, { weight, preference }) => sum + (isTermMet(preference, node) ? weight : 0), 0),
    };
  },
};
