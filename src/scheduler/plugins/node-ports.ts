import { isPortConflict } from "../../model/pods.ts";
import type { SchedulerPlugin } from "../plugin.ts";

/** Two pods cannot have one port of a node. */
export const nodePorts: SchedulerPlugin = {
  name: "NodePorts",
  weight: 0,
  scale: "keep",
  begin: ({ ports }) => {
    if (ports.length === 0) return undefined;
    return {
      filter: ({ pods }) => ([...pods.values()].some((other) => other.ports.some((taken) => ports.some((wanted) => isPortConflict(taken, wanted))))
        ? ["node(s) didn't have free ports for the requested pod ports"] : []),
    };
  },
};
