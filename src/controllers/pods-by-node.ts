import type { Index } from "../control/controller.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";

/** Pods by the node they are bound to. */
export const podsByNode: Index<Pod> = {
  name: "pods-by-node", kind: PodKind,
  values: (pod) => ((pod.spec.nodeName ?? "") === "" ? [] : [pod.spec.nodeName ?? ""]),
};
