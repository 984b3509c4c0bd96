import { scoreMax } from "../plugin.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** Pods a node takes when it does not say (upstream's maxPods). */
const podsDefault = 110;

/** A pod needs room for what it requests; emptier nodes are better (least allocated, CPU and memory alike). */
export const nodeResourcesFit: SchedulerPlugin = {
  name: "NodeResourcesFit",
  weight: 1,
  scale: "keep",
  begin: ({ requests, scored }) => ({
    filter: ({ allocatable, requested, pods }) => {
      const problems = pods.size + 1 > (allocatable["pods"] ?? podsDefault) ? ["Too many pods"] : [];
      for (const [name, amount] of Object.entries(requests)) {
        if (amount > 0 && amount > (allocatable[name] ?? 0) - (requested[name] ?? 0)) problems.push(`Insufficient ${name}`);
      }
      return problems;
    },
    score: ({ allocatable, scored: taken }) => {
      const free = (capacity: number, used: number): number => (capacity === 0 || used > capacity ? 0 : ((capacity - used) * scoreMax) / capacity);
      return (free(allocatable["cpu"] ?? 0, taken.cpu + scored.cpu) + free(allocatable["memory"] ?? 0, taken.memory + scored.memory)) / 2;
    },
  }),
};
