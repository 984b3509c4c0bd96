import type { SchedulerPlugin } from "../plugin.ts";

/** A pod that names its node goes nowhere else. */
export const nodeName: SchedulerPlugin = {
  name: "NodeName",
  weight: 0,
  scale: "keep",
  begin: ({ pod }) => {
    const wanted = pod.spec.nodeName ?? "";
    return wanted === "" ? undefined : { filter: ({ name }) => (name === wanted ? [] : ["node(s) didn't match the requested node name"]) };
  },
};
