import { scoreMax } from "../plugin.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** Nodes whose CPU and memory fill up evenly are better: neither is left over without the other. Pods that ask for neither are left out. */
export const balancedAllocation: SchedulerPlugin = {
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  scale: "keep",
  begin: ({ requests }) => {
    if ((requests["cpu"] ?? 0) === 0 && (requests["memory"] ?? 0) === 0) return undefined;
    return {
      score: ({ allocatable, requested }) => {
        const part = (name: string): number => {
          const capacity = allocatable[name] ?? 0;
          return capacity === 0 ? 1 : Math.min(1, ((requested[name] ?? 0) + (requests[name] ?? 0)) / capacity);
        };
        return (1 - Math.abs(part("cpu") - part("memory")) / 2) * scoreMax;
      },
    };
  },
};
