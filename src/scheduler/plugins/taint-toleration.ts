import { isTolerated } from "../../model/taints.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** Keeps pods off nodes with taints they do not tolerate, and away from those that would rather not have them. */
export const taintToleration: SchedulerPlugin = {
  name: "TaintToleration",
  weight: 3,
  scale: "lowest",
  begin: ({ pod }) => ({
    filter: ({ node }) => ((node.spec.taints ?? []).some((taint) => taint.effect !== "PreferNoSchedule" && !isTolerated(taint, pod.spec.tolerations))
      ? ["node(s) had untolerated taint(s)"] : []),
    score: ({ node }) => (node.spec.taints ?? []).filter((taint) => taint.effect === "PreferNoSchedule" && !isTolerated(taint, pod.spec.tolerations)).length,
  }),
};
