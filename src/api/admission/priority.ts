import { PodKind } from "../../model/kinds/pod.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** The classes every cluster has; there are no others yet. @see kubernetes pkg/apis/scheduling/v1/helpers.go */
const priorityClasses: ReadonlyMap<string, number> = new Map([["system-cluster-critical", 2_000_000_000], ["system-node-critical", 2_000_001_000]]);

/** A pod's priority follows from its class; a client cannot choose it. @see kubernetes plugin/pkg/admission/priority */
export const priority: Admission = {
  name: "Priority",
  handles: ({ operation, kind }) => operation === "create" && kind.group === "" && kind.kind === "Pod",
  admit(object, { kind, ref }) {
    if (!isOfKind(PodKind, object)) return object;
    const className = object.spec.priorityClassName ?? "";
    const value = className === "" ? 0 : priorityClasses.get(className);
    if (value === undefined) throw forbidden(kind, ref.name, `no PriorityClass with name ${className} was found`);
    if (object.spec.priority !== undefined && object.spec.priority !== value) {
      const why = `the integer value of priority (${object.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw forbidden(kind, ref.name, why);
    }
    return { ...object, spec: { ...object.spec, priority: value, preemptionPolicy: object.spec.preemptionPolicy ?? "PreemptLowerPriority" } };
  },
};
