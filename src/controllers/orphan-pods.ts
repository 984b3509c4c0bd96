import type { Index } from "../control/controller.ts";
import { PodKind } from "../model/kinds/pod.ts";
import type { Pod } from "../model/kinds/pod.ts";
import { controllerOf } from "../model/object.ts";

/** Pods nobody controls, by namespace: what an owner may adopt. */
export const orphanPods: Index<Pod> = { name: "orphan-pods", kind: PodKind, values: (pod) => (controllerOf(pod) === undefined ? [pod.metadata.namespace ?? ""] : []) };
