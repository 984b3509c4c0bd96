import type { Toleration } from "../../model/generated/core-v1.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** How long a pod stays bound to a node that is not ready or cannot be reached; upstream's flags default to it. */
const tolerationSeconds = 300;

/** Taints that a node gets when it is not ready or cannot be reached. */
const lostNodeTaints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;

/** A pod that says nothing of lost nodes stays on one for five minutes; a client that writes its tolerations anew need not know that. @see kubernetes plugin/pkg/admission/defaulttolerationseconds */
export const defaultTolerations: Admission = {
  name: "DefaultTolerationSeconds",
  handles: ({ operation, kind, subresource }) => (operation === "create" || operation === "update") && kind === PodKind && subresource === undefined,
  admit(object) {
    if (!isOfKind(PodKind, object)) return object;
    const own = object.spec.tolerations ?? [];
    const added = lostNodeTaints.filter((taint) => !own.some((toleration) => doesTolerate(toleration, taint)))
      .map((key): Toleration => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds }));
    return added.length === 0 ? object : { ...object, spec: { ...object.spec, tolerations: [...own, ...added] } };
  },
};

function doesTolerate({ key = "", effect }: Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === undefined || effect === "NoExecute");
}
