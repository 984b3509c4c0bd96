import type { Kind } from "../../model/kind.ts";
import { CronJobKind, JobKind } from "../../model/kinds/batch.ts";
import { PodTemplateKind } from "../../model/kinds/core-templates.ts";
import { DaemonSetKind } from "../../model/kinds/daemon-set.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { ReplicaSetKind } from "../../model/kinds/replica-set.ts";
import { ReplicationControllerKind } from "../../model/kinds/replication-controller.ts";
import { StatefulSetKind } from "../../model/kinds/stateful-set.ts";
import type { ApiObject } from "../../model/object.ts";
import type { CheckedPod } from "../../model/pod-security/check.ts";
import { isOfKind } from "../shape.ts";

/** The kinds whose objects make pods of a template. */
export const templateKinds: ReadonlySet<Kind> = new Set<Kind>([
  DeploymentKind, ReplicaSetKind, StatefulSetKind, DaemonSetKind, JobKind, ReplicationControllerKind, CronJobKind, PodTemplateKind,
]);

/** The template an object makes pods of; undefined where it has none. */
export function templateOf(object: ApiObject): CheckedPod | undefined {
  const template = readTemplate(object);
  return template?.spec === undefined ? undefined : { metadata: template.metadata ?? {}, spec: template.spec };
}

function readTemplate(object: ApiObject): Partial<CheckedPod> | undefined {
  if (isOfKind(PodTemplateKind, object)) return object.template;
  if (isOfKind(CronJobKind, object)) return object.spec.jobTemplate.spec?.template;
  const isWorkload = isOfKind(DeploymentKind, object) || isOfKind(ReplicaSetKind, object) || isOfKind(StatefulSetKind, object)
    || isOfKind(DaemonSetKind, object) || isOfKind(JobKind, object) || isOfKind(ReplicationControllerKind, object);
  return isWorkload ? object.spec.template : undefined;
}
