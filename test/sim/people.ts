import type { Kind } from "../../src/model/kind.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { JobKind } from "../../src/model/kinds/batch.ts";
import { ConfigMapKind } from "../../src/model/kinds/config-map.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import { ReplicaSetKind } from "../../src/model/kinds/replica-set.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import type { ApiObject } from "../../src/model/object.ts";
import { startJob } from "./jobs.ts";
import type { Simulation } from "./simulation.ts";
import { applications } from "./subjects.ts";

/** Somebody changes or deletes live objects by hand, or asks for a sync or a rollback. */
export function byHand(world: Simulation): string | undefined {
  const act = world.chance.pick([editConfigMap, scaleDeployment, deleteDeployment, deletePod, deleteReplicaSet, deleteConfigMap, deleteSecret, requestSync, requestRollback, requestRollback, removeApplication, startJob, startJob, startJob, deleteJob]);
  return act?.(world);
}

function pickOf(world: Simulation, kind: string): string | undefined {
  const objects = world.safety.objects(kind).filter((object) => object.metadata.deletionTimestamp === undefined);
  return world.chance.pick(objects)?.metadata.name;
}

/** What a person asks may fail; then the person shrugs. */
function attempt(run: Promise<unknown>): void {
  run.catch(() => {});
}

function editConfigMap(world: Simulation): string | undefined {
  const name = pickOf(world, "ConfigMap");
  if (name === undefined) return undefined;
  const value = String(world.chance.between(1, 1_000));
  attempt(world.client.patch(ConfigMapKind, { namespace: "default", name }, { type: "merge", body: { data: { value, ours: "1" } } }));
  return `by hand: ConfigMap ${name} is ${value}`;
}

function scaleDeployment(world: Simulation): string | undefined {
  const name = pickOf(world, "Deployment");
  if (name === undefined) return undefined;
  const replicas = world.chance.between(0, 6);
  world.safety.disturb(name);
  attempt(world.client.patch(DeploymentKind, { namespace: "default", name }, { type: "merge", body: { spec: { replicas } } }));
  return `by hand: Deployment ${name} has ${replicas} replicas`;
}

function deleteOne<T extends ApiObject>(world: Simulation, kind: Kind<T>, propagation: "Background" | "Orphan" | "Foreground" = "Background"): string | undefined {
  const name = pickOf(world, kind.kind);
  if (name === undefined) return undefined;
  const object = world.safety.find(kind.kind, name);
  const { uid } = object?.metadata ?? {};
  if (uid === undefined) return undefined;
  world.safety.removedByHand.add(uid);
  // What becomes of a job touches no deployment.
  const isOfJob = kind.kind === JobKind.kind || object?.metadata.ownerReferences?.some((owner) => owner.kind === "Job") === true;
  world.safety.disturb(kind.kind === "Deployment" ? name : isOfJob ? "" : object?.metadata.labels?.["app"]);
  attempt(world.client.remove(kind, { namespace: "default", name }, { propagation, preconditions: { uid } }));
  return `by hand: ${kind.kind} ${name} is deleted (${propagation})`;
}

function deleteDeployment(world: Simulation): string | undefined {
  return deleteOne(world, DeploymentKind, world.chance.pick(["Background", "Background", "Foreground", "Orphan"] as const));
}

function deletePod(world: Simulation): string | undefined {
  return deleteOne(world, PodKind);
}

function deleteReplicaSet(world: Simulation): string | undefined {
  return deleteOne(world, ReplicaSetKind);
}

function deleteJob(world: Simulation): string | undefined {
  return deleteOne(world, JobKind, world.chance.pick(["Background", "Background", "Foreground"] as const));
}

function deleteConfigMap(world: Simulation): string | undefined {
  return deleteOne(world, ConfigMapKind);
}

function deleteSecret(world: Simulation): string | undefined {
  return deleteOne(world, SecretKind);
}

function annotate(world: Simulation, name: string, annotations: Readonly<Record<string, string>>): void {
  attempt(world.client.patch(ApplicationKind, { namespace: "default", name }, { type: "merge", body: { metadata: { annotations } } }));
}

/** An application is removed, with what it deployed where it has the finalizer, and made again later. */
function removeApplication(world: Simulation): string | undefined {
  const key = world.chance.pick([...applications.keys()]);
  const [namespace = "", name = ""] = key?.split("/") ?? [];
  const followed = applications.get(key ?? "");
  const uid = world.safety.find("Application", name)?.metadata.uid;
  if (key === undefined || followed === undefined || uid === undefined || world.isRemaking) return undefined;
  const afterMs = world.chance.between(0, 60_000);
  world.isRemaking = true;
  attempt(world.client.remove(ApplicationKind, { namespace, name }, { preconditions: { uid } }));
  attempt(world.people.sleep(afterMs).then(async () => {
    while (world.safety.find("Application", name)?.metadata.deletionTimestamp !== undefined) await world.people.sleep(1_000);
    await world.install(key, followed);
    world.isRemaking = false;
  }));
  return `by hand: application ${name} is removed, to be made again ${afterMs} ms later`;
}

function requestSync(world: Simulation): string | undefined {
  const name = pickOf(world, "Application");
  if (name === undefined) return undefined;
  annotate(world, name, { "capstan.dev/sync-requested": "ada", "capstan.dev/requested-by": "ada" });
  return `by hand: a sync of ${name} is asked for`;
}

function requestRollback(world: Simulation): string | undefined {
  const name = pickOf(world, "Application");
  const done = world.safety.objects("Sync").filter((sync) => sync.spec?.application === name && sync.status?.phase === "Succeeded");
  const target = world.chance.pick(done);
  if (name === undefined || target === undefined) return undefined;
  world.safety.rolledBack();
  annotate(world, name, { "capstan.dev/rollback-to": target.metadata.name, "capstan.dev/requested-by": "ada" });
  return `by hand: ${name} goes back to ${target.metadata.name}`;
}
