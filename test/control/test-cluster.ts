import { runControllers } from "../../src/control/runner.ts";
import type { ControllerRun } from "../../src/control/runner.ts";
import type { Controller } from "../../src/control/controller.ts";
import { grantsOfControllers } from "../../src/control/rules-of-controller.ts";
import type { Client } from "../../src/api/client.ts";
import type { Outside } from "../../src/api/questions.ts";
import type { ReservationOptions } from "../../src/api/reservations.ts";
import type { Verbs } from "../../src/api/verbs.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import type { Deployment } from "../../src/model/kinds/deployment.ts";
import { NodeKind } from "../../src/model/kinds/node.ts";
import type { Node } from "../../src/model/kinds/node.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { refOf } from "../../src/model/object.ts";
import { isApiError } from "../../src/model/api-error.ts";
import { printTime } from "../../src/world/clock.ts";
import { testApi } from "../api/api.ts";
import { settle } from "../world/fake-world.ts";
import type { FakeWorld } from "../world/fake-world.ts";

/** Controllers on a whole API in memory, each under its own name and rights, driven by a fake clock. */
export interface TestCluster {
  readonly client: Client;
  readonly verbs: Verbs;
  readonly world: FakeWorld;
  readonly run: ControllerRun;
  /** Lets everything that can go on now go on. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Turns after which a rollout of a few pods has come to rest: each turn is a turn of the event loop. */
const restTurns = 60;

/** Starts controllers; `node` is what plays the node agent, given every pod that changes. */
export async function testCluster(
  controllers: readonly Controller[], options: { readonly node?: (pod: Pod, client: Client, world: FakeWorld) => Promise<void>; readonly outside?: Outside; readonly reservations?: ReservationOptions } = {},
): Promise<TestCluster> {
  const { verbs, client, world, store } = await testApi({ rules: grantsOfControllers(controllers), ...(options.outside === undefined ? {} : { outside: options.outside }), ...(options.reservations === undefined ? {} : { reservations: options.reservations }) });
  const abort = new AbortController();
  const run = runControllers({ controllers, clientFor: (name) => verbs.client({ name, groups: ["system:authenticated"] }), world, served: verbs.kinds, signal: abort.signal });
  const playing = play();
  await run.ready;
  return {
    client, verbs, world, run,
    async settle() { for (let turn = 0; turn < restTurns; turn++) await settle(); },
    async stop() { abort.abort(); await run.stopped; await playing; },
  };

  async function play(): Promise<void> {
    if (options.node === undefined) return;
    for await (const event of client.watch(PodKind, { resourceVersion: String(store.revision) }, abort.signal)) {
      if (event.type === "BOOKMARK" || event.type === "DELETED") continue;
      try {
        await options.node(event.object, client, world);
      } catch (error) {
        if (!isApiError(error, "Conflict", "NotFound")) throw error;
      }
    }
  }
}

/** A node agent to test with: bound pods run and are ready at once, ending ones go at once. */
export async function obedientNode(pod: Pod, client: Client, world: FakeWorld): Promise<void> {
  if ((pod.spec.nodeName ?? "") === "") return;
  if (pod.metadata.deletionTimestamp !== undefined) {
    await client.remove(PodKind, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid ?? "" } });
    return;
  }
  if (pod.status.phase === "Running") return;
  const time = printTime(world.clock.nowMs());
  await client.updateStatus(PodKind, { ...pod, status: {
    ...pod.status, phase: "Running", podIP: `10.0.0.${1 + (Number(pod.metadata.resourceVersion) % 250)}`, conditions: [{ type: "Ready", status: "True", lastTransitionTime: time }],
  } });
}

/** A ready node with room for a few pods, without the taint a new node has until the node controller sees it ready. */
export async function addNode(client: Client, name: string, amounts: Readonly<Record<string, string>> = { cpu: "4", memory: "8Gi", pods: "110" }): Promise<Node> {
  const node = await client.create(NodeKind, { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "kubernetes.io/hostname": name } }, spec: {}, status: {} });
  // Controllers see the node as soon as it is there: no write of it may depend on a revision.
  const { resourceVersion: _revision, ...metadata } = node.metadata;
  await client.update(NodeKind, { ...node, metadata, spec: {} });
  return client.updateStatus(NodeKind, { ...node, metadata, spec: {}, status: { capacity: amounts, allocatable: amounts, conditions: [{ type: "Ready", status: "True" }] } });
}

/** A Deployment as a user writes it. */
export function deploymentOf(name: string, spec: Partial<Deployment["spec"]> & { readonly image?: string } = {}): Deployment {
  const { image = "a:1", ...rest } = spec;
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "default" }, status: {},
    spec: {
      replicas: 3, selector: { matchLabels: { app: name } }, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { name: "", labels: { app: name } }, spec: { containers: [{ name: "c", image }] } }, ...rest,
    },
  };
}

/** Changes a Deployment as it is now. */
export async function changeDeployment(client: Client, name: string, change: (deployment: Deployment) => Deployment): Promise<void> {
  for (;;) {
    const current = await client.get(DeploymentKind, { namespace: "default", name });
    if (current === undefined) throw new Error(`no deployment ${name}`);
    try {
      await client.update(DeploymentKind, change(current));
      return;
    } catch (error) {
      if (!isApiError(error, "Conflict")) throw error;
    }
  }
}
