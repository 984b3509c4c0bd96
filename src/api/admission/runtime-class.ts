import { PodKind } from "../../model/kinds/pod.ts";
import { RuntimeClassKind } from "../../model/kinds/scheduling.ts";
import { isEqual } from "../../value/equal.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** A pod gets the overhead and the place its RuntimeClass asks for, and none without one. @see kubernetes plugin/pkg/admission/runtimeclass */
export const runtimeClass: Admission = {
  name: "RuntimeClass",
  handles: ({ operation, kind, subresource }) => operation === "create" && kind === PodKind && subresource === undefined,
  admit(object, { kind, ref, reader }) {
    if (!isOfKind(PodKind, object)) return object;
    const { spec } = object;
    const name = spec.runtimeClassName ?? "";
    if (name === "") {
      if (Object.keys(spec.overhead ?? {}).length > 0) throw forbidden(kind, ref.name, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
      return object;
    }
    const found = reader.get(RuntimeClassKind, { namespace: "", name });
    if (found === undefined) throw forbidden(kind, ref.name, `pod rejected: RuntimeClass "${name}" not found`);
    const { overhead, scheduling } = found;
    if (overhead === undefined && Object.keys(spec.overhead ?? {}).length > 0) throw forbidden(kind, ref.name, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    if (overhead !== undefined && spec.overhead !== undefined && !isEqual(spec.overhead, overhead.podFixed ?? {})) {
      throw forbidden(kind, ref.name, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    const clash = Object.entries(scheduling?.nodeSelector ?? {}).find(([key, value]) => (spec.nodeSelector?.[key] ?? value) !== value);
    if (clash !== undefined) throw forbidden(kind, ref.name, `pod rejected: conflict: runtimeClass.scheduling.nodeSelector[${clash[0]}] = ${clash[1]}; pod.spec.nodeSelector[${clash[0]}] = ${spec.nodeSelector?.[clash[0]]}`);
    const own = spec.tolerations ?? [];
    const tolerations = [...own, ...(scheduling?.tolerations ?? []).filter((toleration) => !own.some((known) => isEqual(known, toleration)))];
    return {
      ...object,
      spec: {
        ...spec,
        ...(overhead?.podFixed === undefined ? {} : { overhead: overhead.podFixed }),
        ...(scheduling?.nodeSelector === undefined ? {} : { nodeSelector: { ...spec.nodeSelector, ...scheduling.nodeSelector } }),
        ...(tolerations.length === 0 ? {} : { tolerations }),
      },
    };
  },
};
