import type { Container, Toleration } from "../../model/generated/core-v1.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/**
 * A pod that asks for an extended resource, as a GPU, tolerates a taint of that name: nodes with such a resource can be kept for those that need it.
 * @see kubernetes plugin/pkg/admission/extendedresourcetoleration
 */
export const extendedResourceToleration: Admission = {
  name: "ExtendedResourceToleration",
  handles: ({ operation, kind, subresource }) => (operation === "create" || operation === "update") && subresource === undefined && kind.group === "" && kind.kind === "Pod",
  admit(object) {
    if (!isOfKind(PodKind, object)) return object;
    const own = object.spec.tolerations ?? [];
    const asked = new Set([...object.spec.containers, ...(object.spec.initContainers ?? [])].flatMap(requestedBy).filter(isExtended));
    const added = [...asked].toSorted().filter((key) => !own.some((toleration) => isForAll(toleration, key))).map((key): Toleration => ({ key, operator: "Exists" }));
    return added.length === 0 ? object : { ...object, spec: { ...object.spec, tolerations: [...own, ...added] } };
  },
};

function requestedBy({ resources }: Container): readonly string[] {
  return Object.keys(resources?.requests ?? {});
}

/** True for resources that are not Kubernetes' own. @see kubernetes pkg/apis/core/v1/helper/helpers.go IsExtendedResourceName */
function isExtended(name: string): boolean {
  return name.includes("/") && !name.startsWith("requests.") && !/(?:^|\.)kubernetes\.io\//.test(name);
}

/** The same toleration, which is not added twice. */
function isForAll({ key, operator, effect }: Toleration, wanted: string): boolean {
  return key === wanted && operator === "Exists" && effect === undefined;
}
