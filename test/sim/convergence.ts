import { imageOf, itemKey, secretMarker } from "./content.ts";
import type { Folder, Item } from "./content.ts";
import type { SimulatedGit } from "./git.ts";
import { leftOfJobs } from "./jobs.ts";
import type { NodeMachine } from "./machines.ts";
import type { SimulatedRedis } from "./redis.ts";
import type { Followed, Safety } from "./safety.ts";
import type { StoredObject } from "./stored-object.ts";
import { isReady } from "./stored-object.ts";

/** What is looked at once all faults are off. */
export interface Converging {
  readonly safety: Safety;
  readonly git: SimulatedGit;
  readonly redis: SimulatedRedis | undefined;
  readonly nodes: readonly NodeMachine[];
  readonly applications: ReadonlyMap<string, Followed>;
  /** By the cluster's wall clock. */
  readonly nowMs: number;
}

/** What keeps the cluster from being what Git says; nothing when all is as it must be. */
export function whatIsLeft(world: Converging): readonly string[] {
  const left: string[] = [];
  for (const [name, followed] of world.applications) left.push(...leftOfApplication(world, name, followed));
  for (const sync of world.safety.objects("Sync")) {
    if (sync.status?.phase !== "Succeeded" && sync.status?.phase !== "Failed" && sync.status?.phase !== "Superseded") left.push(`sync ${sync.metadata.name} is ${sync.status?.phase ?? "without a phase"}`);
  }
  if (world.redis !== undefined && world.redis.size > 0) left.push(`${world.redis.size} jobs are in the queue`);
  left.push(...leftOfJobs(world.safety, world.nowMs), ...leftOfNodes(world));
  return left;
}

function leftOfApplication({ safety, git }: Converging, key: string, { repoURL, folder: path }: Followed): readonly string[] {
  const head = git.head(repoURL);
  const folder = head?.folders.get(path);
  const application = safety.find("Application", key.split("/")[1] ?? "");
  if (head === undefined || folder === undefined) return [];
  if (application === undefined) return [`application ${key} does not exist`];
  const { status } = application;
  const problem = status?.conditions?.find((condition) => condition.type === "ComparisonError");
  // An application that was made again on an empty head has nothing an empty render could remove.
  if (folder.breakage === "empty" && (status?.inventory ?? []).length === 0) return [];
  if (folder.breakage !== undefined) return problem === undefined ? [`${key}: the head is broken (${folder.breakage}), and no problem is shown`] : [];
  // What a neighbour's broken folder does not show any more is still the neighbour's: then this one says so, and waits.
  const isNeighbourBroken = [...head.folders].some(([other, { breakage }]) => breakage !== undefined && problem?.message?.includes(`belongs to application default/${other};`) === true);
  if (isNeighbourBroken) return [];
  const left: string[] = [];
  if (status?.sync?.status !== "Synced" || status.sync.revision !== head.revision.commit) {
    left.push(`${key}: ${status?.sync?.status ?? "no sync"} at ${status?.sync?.revision?.slice(0, 7) ?? "nothing"}, the head is ${head.revision.commit.slice(0, 7)}${problem === undefined ? "" : `: ${problem.message ?? ""}`} (last sync ${status?.operationState?.phase ?? "none"}: ${status?.operationState?.message ?? ""})`);
  }
  if (status?.health?.status !== "Healthy") left.push(`${key}: ${status?.health?.status ?? "no health"}: ${status?.health?.message ?? ""}`);
  for (const item of folder.items.values()) left.push(...leftOfItem(safety, item).map((text) => `${key}: ${itemKey(item)} ${text}`));
  left.push(...orphans(safety, key, { own: folder, all: head.folders }));
  return left;
}

/** What moved to a neighbour that broke in the meantime is kept for it: it is taken over once the neighbour is mended, and removed by nobody. */
function orphans(safety: Safety, key: string, { own, all }: { readonly own: Folder; readonly all: ReadonlyMap<string, Folder> }): readonly string[] {
  const isKeptForNeighbour = (item: string) => [...all.values()].some((folder) => folder.breakage !== undefined && folder.items.has(item));
  return (["ConfigMap", "Secret", "Service", "Deployment"] as const).flatMap((kind) => safety.objects(kind)
    .filter((object) => object.metadata.annotations?.["capstan.dev/application"] === key && !safety.leftBehind.has(object.metadata.uid ?? "") && !own.items.has(itemKey({ kind, name: object.metadata.name })) && !isKeptForNeighbour(itemKey({ kind, name: object.metadata.name })))
    .map((object) => `${key}: ${kind} ${object.metadata.name} is there and no longer wanted`));
}

function leftOfItem(safety: Safety, item: Item): readonly string[] {
  const live = safety.find(item.kind, item.name);
  if (live === undefined) return ["is missing"];
  if (live.metadata.deletionTimestamp !== undefined) return ["is going"];
  switch (item.kind) {
    case "ConfigMap": return live.data?.["value"] === item.value ? [] : [`has ${String(live.data?.["value"])}, wanted ${item.value}`];
    case "Secret": return live.data?.["password"] === Buffer.from(`${secretMarker}-${item.value}`).toString("base64") ? [] : ["has another value"];
    case "Service": return live.spec?.ports?.[0]?.port === item.port ? [] : ["has another port"];
    case "Deployment": return leftOfDeployment(safety, item, live);
  }
}

function leftOfDeployment(safety: Safety, item: Extract<Item, { readonly kind: "Deployment" }>, live: StoredObject): readonly string[] {
  const left: string[] = [];
  const image = imageOf(item.version);
  if (live.spec?.replicas !== item.replicas) left.push(`has ${String(live.spec?.replicas)} replicas, wanted ${item.replicas}`);
  if (live.spec?.template?.spec.containers[0]?.image !== image) left.push(`runs ${String(live.spec?.template?.spec.containers[0]?.image)}, wanted ${image}`);
  const pods = safety.objects("Pod").filter((pod) => pod.metadata.labels?.["app"] === item.name);
  const good = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined && pod.spec?.containers?.[0]?.image === image);
  if (pods.length !== item.replicas || good.length !== item.replicas) left.push(`has ${pods.length} pods, ${good.length} of them good, wanted ${item.replicas}`);
  const { availableReplicas = 0, updatedReplicas = 0 } = live.status ?? {};
  if (availableReplicas !== item.replicas || updatedReplicas !== item.replicas) left.push(`says ${availableReplicas} available and ${updatedReplicas} updated`);
  return left;
}

function leftOfNodes({ safety, nodes }: Converging): readonly string[] {
  return nodes.flatMap((node) => {
    const left: string[] = [];
    const object = safety.find("Node", node.name);
    if (object === undefined || !isReady(object)) left.push(`node ${node.name} is not ready`);
    const wanted = new Set(safety.objects("Pod").filter((pod) => pod.spec?.nodeName === node.name).map((pod) => pod.metadata.uid));
    for (const [uid, pod] of node.machine.pods) if (!wanted.has(uid)) left.push(`node ${node.name} holds pod ${pod.request.name}, which is nobody's`);
    return left;
  });
}
