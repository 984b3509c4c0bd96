import type { Job } from "../../model/kinds/batch.ts";
import type { Container, PodSpec } from "../../model/generated/core-v1.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { controllerReference } from "../../model/object.ts";
import type { Chance } from "../../world/chance.ts";
import { generatedName, nameBaseMax } from "../generated-name.ts";
import type { NewPod } from "./decide.ts";
import { completionIndexKey, failureCountAnnotation, ignoredFailureCountAnnotation, trackingFinalizer } from "./job-pods.ts";

/** The variable in which a container finds its completion index. */
const indexVariable = "JOB_COMPLETION_INDEX";

/** A new pod of the job's template, with a name of its own. Pure but for the name's chance. */
export function podOf(job: Job, { index, failures }: NewPod, chance: Chance): Pod {
  const { labels, annotations, finalizers = [] } = job.spec.template.metadata ?? {};
  const generateName = generateNameOf(job.metadata.name, index);
  const marks = index === undefined ? {} : { [completionIndexKey]: String(index) };
  const counts = failures === undefined ? {} : {
    [failureCountAnnotation]: String(failures.counted), ...(failures.ignored === 0 ? {} : { [ignoredFailureCountAnnotation]: String(failures.ignored) }),
  };
  const all = { ...annotations, ...marks, ...counts };
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name: generatedName(generateName, chance), generateName, namespace: job.metadata.namespace ?? "",
      labels: { ...labels, ...marks }, ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
      finalizers: [...finalizers.filter((finalizer) => finalizer !== trackingFinalizer), trackingFinalizer],
      ownerReferences: [controllerReference(job)],
    },
    spec: specOf(job, index),
    status: {},
  };
}

/** Shortens the job's name rather than lose the index. */
function generateNameOf(name: string, index: number | undefined): string {
  if (index === undefined) return `${name}-`;
  const suffix = `-${index}-`;
  return `${name.slice(0, nameBaseMax - suffix.length)}${suffix}`;
}

function specOf(job: Job, index: number | undefined): PodSpec {
  const spec = job.spec.template.spec ?? { containers: [] };
  if (index === undefined) return spec;
  return {
    ...spec, hostname: `${job.metadata.name}-${index}`, containers: spec.containers.map(withIndexVariable),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndexVariable) }),
  };
}

function withIndexVariable(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === indexVariable)) return container;
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: `metadata.labels['${completionIndexKey}']` } } }] };
}
