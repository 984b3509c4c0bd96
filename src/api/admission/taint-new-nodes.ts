import type { Taint } from "../../model/generated/core-v1.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

const notReady: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A new node takes no pods until it is known to be ready. @see kubernetes plugin/pkg/admission/nodetaint */
export const taintNewNodes: Admission = {
  name: "TaintNodesByCondition",
  handles: ({ operation, kind, subresource }) => operation === "create" && kind === NodeKind && subresource === undefined,
  admit(object) {
    if (!isOfKind(NodeKind, object)) return object;
    const own = object.spec.taints ?? [];
    return own.some(({ key, effect }) => key === notReady.key && effect === notReady.effect) ? object : { ...object, spec: { ...object.spec, taints: [...own, notReady] } };
  },
};
