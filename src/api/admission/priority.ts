import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { PriorityClassKind } from "../../model/kinds/scheduling.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";
import type { StagedReader } from "../staged-reader.ts";

/** What a class gives a pod. */
interface Priority {
  readonly className: string;
  readonly value: number;
  readonly preemptionPolicy: "PreemptLowerPriority" | "Never";
}

/** The classes every cluster has, with or without their objects. @see kubernetes pkg/apis/scheduling/v1/helpers.go */
const systemClasses: readonly Priority[] = [
  { className: "system-cluster-critical", value: 2_000_000_000, preemptionPolicy: "PreemptLowerPriority" },
  { className: "system-node-critical", value: 2_000_001_000, preemptionPolicy: "PreemptLowerPriority" },
];

/** A pod's priority follows from its class; a client cannot choose it. Of several default classes the lowest counts. @see kubernetes plugin/pkg/admission/priority */
export const priority: Admission = {
  name: "Priority",
  handles: ({ operation, kind, subresource }) => ((operation === "create" || operation === "update") && kind === PodKind && subresource === undefined) || kind === PriorityClassKind,
  admit(object, { operation, kind, ref, old, reader }) {
    if (operation === "remove" && systemClasses.some(({ className }) => className === ref.name)) throw forbidden(kind, ref.name, "this is a system priority class and cannot be deleted");
    if (!isOfKind(PodKind, object)) return object;
    const { spec } = object;
    if (old !== undefined) return isOfKind(PodKind, old) ? withPriorityOf(object, old) : object;
    const className = spec.priorityClassName ?? "";
    const found = className === "" ? defaultPriority(reader) : priorityOf(className, reader);
    if (found === undefined) throw forbidden(kind, ref.name, `no PriorityClass with name ${className} was found`);
    const { value, preemptionPolicy } = found;
    if (spec.priority !== undefined && spec.priority !== value) {
      const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw forbidden(kind, ref.name, why);
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
      const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
      throw forbidden(kind, ref.name, why);
    }
    return { ...object, spec: { ...spec, ...(found.className === "" ? {} : { priorityClassName: found.className }), priority: value, preemptionPolicy } };
  },
  validate(object, { operation, kind, ref, old, reader }) {
    if (operation === "remove" || !isOfKind(PriorityClassKind, object) || object.globalDefault !== true) return;
    const other = reader.list(PriorityClassKind).find(({ metadata, globalDefault }) => globalDefault === true && metadata.name !== ref.name);
    const isOld = old !== undefined && isOfKind(PriorityClassKind, old) && old.globalDefault === true;
    if (other !== undefined && !isOld) throw forbidden(kind, ref.name, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
  },
};

/** Who replaces a pod need not know what it was given; what it says otherwise is refused as any other change. */
function withPriorityOf(pod: Pod, { spec: { priority: value, preemptionPolicy } }: Pod): Pod {
  const given = { ...(value === undefined ? {} : { priority: value }), ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }) };
  return { ...pod, spec: { ...given, ...pod.spec } };
}

function priorityOf(className: string, reader: StagedReader): Priority | undefined {
  const found = reader.get(PriorityClassKind, { namespace: "", name: className });
  if (found === undefined) return systemClasses.find((known) => known.className === className);
  return { className, value: found.value ?? 0, preemptionPolicy: found.preemptionPolicy === "Never" ? "Never" : "PreemptLowerPriority" };
}

function defaultPriority(reader: StagedReader): Priority {
  const [lowest] = reader.list(PriorityClassKind).filter(({ globalDefault }) => globalDefault === true).toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
  if (lowest === undefined) return { className: "", value: 0, preemptionPolicy: "PreemptLowerPriority" };
  return { className: lowest.metadata.name, value: lowest.value ?? 0, preemptionPolicy: lowest.preemptionPolicy === "Never" ? "Never" : "PreemptLowerPriority" };
}
