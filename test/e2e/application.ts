import { request } from "node:http";
import { readDemoFiles } from "../../charts/demo-files.ts";
import type { RemoteClient } from "../../src/api/http/remote-client.ts";
import { ApplicationKind } from "../../src/model/kinds/application.ts";
import type { Application } from "../../src/model/kinds/application.ts";
import { DeploymentKind } from "../../src/model/kinds/deployment.ts";
import type { Deployment } from "../../src/model/kinds/deployment.ts";
import { PodKind } from "../../src/model/kinds/pod.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import { RepositoryKind } from "../../src/model/kinds/repository.ts";
import { ServiceKind } from "../../src/model/kinds/service.ts";
import type { TestDaemon } from "./daemon.ts";
import { GitClone } from "./git-clone.ts";
import { until } from "./until.ts";

/** An application in a namespace of its own, followed from a hosted repository of the same name. */
export interface TestApplication {
  readonly name: string;
  readonly clone: GitClone;
  readonly client: RemoteClient;
}

/** Makes the repository and the application, and pushes the first files. Resolves when it is well. */
export async function startApplication(daemon: TestDaemon, name: string, files: Readonly<Record<string, string>>): Promise<TestApplication> {
  const { client } = daemon;
  await client.create(RepositoryKind, { apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { namespace: "default", name }, spec: { hosted: true }, status: {} });
  await client.create(ApplicationKind, applicationOf(name));
  const clone = await until(() => GitClone.clone(daemon.gitUrl(name), { home: daemon.home, name }), `the repository ${name} is hosted`);
  const push = await clone.change(files, "Begin");
  if (!push.isTaken) throw new Error(`the first push was refused: ${push.stderr}`);
  const application = { name, clone, client };
  await untilRuns(application, push.commit);
  return application;
}

/** An application that follows the folder `app` of its hosted repository into its own namespace. */
export function applicationOf(name: string, spec: Partial<Application["spec"]> = {}): Application {
  return {
    apiVersion: "capstan.dev/v1", kind: "Application", metadata: { namespace: "default", name }, status: {},
    spec: {
      source: { repoURL: `capstan://${name}`, targetRevision: "main", path: "app" }, destination: { namespace: name },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ["CreateNamespace=true"] }, ...spec,
    },
  };
}

export async function readApplication({ client, name }: Pick<TestApplication, "client" | "name">): Promise<Application> {
  const found = await client.get(ApplicationKind, { namespace: "default", name });
  if (found === undefined) throw new Error(`no application ${name}`);
  return found;
}

/** Waits until the application is at this commit, synced and healthy. */
export function untilRuns(application: Pick<TestApplication, "client" | "name">, commit: string): Promise<Application> {
  return until(async () => {
    const found = await readApplication(application);
    const { sync, health } = found.status;
    if (sync?.revision === commit && sync.status === "Synced" && health?.status === "Healthy" && found.status.operationState?.phase !== "Running") return found;
    throw new Error(JSON.stringify({ sync, health, conditions: found.status.conditions, operation: found.status.operationState }));
  }, `${application.name} runs ${commit.slice(0, 8)}`);
}

/** The deployment of the application's own name. */
export async function readDeployment({ client, name }: TestApplication): Promise<Deployment> {
  const found = await client.get(DeploymentKind, { namespace: name, name });
  if (found === undefined) throw new Error(`no deployment ${name}`);
  return found;
}

/** Its pods that are not on their way out. */
export async function livePods({ client, name }: Pick<TestApplication, "client" | "name">): Promise<readonly Pod[]> {
  const { items } = await client.list(PodKind, { namespace: name });
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

export function isReady(pod: Pod): boolean {
  return pod.status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
}

/** The files of the example chart with these values, as the folder `app`. */
export async function webFiles(values: { readonly message: string; readonly replicas?: number; readonly more?: string }): Promise<Readonly<Record<string, string>>> {
  const files = Object.fromEntries(await readDemoFiles());
  return { ...files, "app/values.yaml": webValues(values) };
}

/** `values.yaml` of the example chart. */
export function webValues({ message, replicas = 2, more = "" }: { readonly message: string; readonly replicas?: number; readonly more?: string }): string {
  return `message: ${message}\nreplicas: ${replicas}\ndrainMilliseconds: 500\nresources: { requests: { cpu: 5m, memory: 16Mi } }\nport: 8080\nservicePort: 80\ncolor: teal\nimage: { repository: node, tag: 24-slim }\nrollout: { maxSurge: "100%", maxUnavailable: 0 }\n${more}`;
}

/** Plain manifests: a deployment that sleeps, and a map beside it. */
export function plainFiles(name: string, options: { readonly text?: string; readonly replicas?: number } = {}): Readonly<Record<string, string>> {
  return {
    "app/map.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { text: ${JSON.stringify(options.text ?? "one")} }\n`,
    "app/deployment.yaml": deploymentText(name, options.replicas ?? 1),
  };
}

/** A deployment whose pods cost next to nothing. */
export function deploymentText(name: string, replicas = 1, selector = name): string {
  return [
    "apiVersion: apps/v1", "kind: Deployment", `metadata: { name: ${name} }`, "spec:", `  replicas: ${replicas}`, `  selector: { matchLabels: { app: ${selector} } }`,
    "  template:", `    metadata: { labels: { app: ${selector} } }`, "    spec:", "      terminationGracePeriodSeconds: 1", "      containers:",
    "        - name: main", "          image: none", "          command: [sh, -c, \"echo begun; exec sleep 100000\"]", "          resources: { requests: { cpu: 1m, memory: 1Mi } }", "",
  ].join("\n");
}

/** The body at the address of the application's Service, on a connection of its own. */
export async function readService({ client, name }: TestApplication): Promise<string> {
  const service = await client.get(ServiceKind, { namespace: name, name });
  return readPage(`http://${service?.spec.clusterIP ?? ""}:${service?.spec.ports?.[0]?.port ?? 80}/`);
}

/** GET on a new connection. Throws unless it answers 200. */
export function readPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: 10_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => { body += chunk; });
      response.on("error", reject);
      response.on("end", () => { if (response.statusCode === 200) resolve(body); else reject(new Error(`${url} answered ${response.statusCode}`)); });
    });
    asked.on("timeout", () => { asked.destroy(new Error(`${url} does not answer`)); });
    asked.on("error", reject);
    asked.end();
  });
}
