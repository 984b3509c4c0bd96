import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import {
  ApiException, ApiextensionsV1Api, AppsV1Api, Attach, AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, CustomObjectsApi, Exec, KubeConfig, KubernetesObjectApi, ListWatch, Log, Metrics, PatchStrategy, PortForward,
  VersionApi, Watch, makeInformer, setHeaderOptions,
} from "@kubernetes/client-node";
import type { KubernetesObject, V1ConfigMap, V1Status } from "@kubernetes/client-node";
import { startRunningPod } from "./running-pod.ts";
import type { RunningPod } from "./running-pod.ts";

const namespace = "default";

function configMap(name: string, data: Readonly<Record<string, string>> = {}, labels?: Readonly<Record<string, string>>): V1ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...(labels === undefined ? {} : { labels: { ...labels } }) }, data: { ...data } };
}

/** The failure a user of the client sees: the code, and the Status in the body. */
async function failure(call: Promise<unknown>): Promise<{ readonly code: number; readonly status: V1Status }> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ApiException, String(error));
    const body: unknown = error.body;
    return { code: error.code, status: (typeof body === "string" ? JSON.parse(body) : body) as V1Status };
  }
  throw new Error("the call succeeded");
}

describe("@kubernetes/client-node", { timeout: 60_000 }, () => {
  let pod: RunningPod;
  let config: KubeConfig;
  let core: CoreV1Api;
  let objects: KubernetesObjectApi;
  before(async () => {
    pod = await startRunningPod();
    config = new KubeConfig();
    config.loadFromFile(join(pod.edge.directory, "kubeconfig"));
    core = config.makeApiClient(CoreV1Api);
    objects = KubernetesObjectApi.makeApiClient(config);
  });
  after(async () => pod.close());

  describe("objects", () => {
    test("are created, read, replaced and deleted", async () => {
      const made = await core.createNamespacedConfigMap({ namespace, body: configMap("crud", { a: "1" }) });
      assert.ok(made.metadata?.creationTimestamp instanceof Date);
      assert.deepEqual((await core.readNamespacedConfigMap({ namespace, name: "crud" })).data, { a: "1" });
      const replaced = await core.replaceNamespacedConfigMap({ namespace, name: "crud", body: Object.assign(made, { data: { a: "2" } }) });
      assert.notEqual(replaced.metadata?.resourceVersion, made.metadata?.resourceVersion);
      assert.equal((await core.deleteNamespacedConfigMap({ namespace, name: "crud" })).status, "Success");
      assert.equal((await failure(core.readNamespacedConfigMap({ namespace, name: "crud" }))).code, 404);
    });

    test("are listed in pages", async () => {
      for (let index = 0; index < 7; index++) await core.createNamespacedConfigMap({ namespace, body: configMap(`page-${index}`, {}, { page: "yes" }) });
      const names: string[] = [];
      const left: (number | undefined)[] = [];
      let token: string | undefined;
      do {
        const page = await core.listNamespacedConfigMap({ namespace, labelSelector: "page=yes", limit: 3, ...(token === undefined ? {} : { _continue: token }) });
        names.push(...page.items.map((item) => item.metadata?.name ?? ""));
        left.push(page.items.length);
        token = page.metadata?._continue === "" ? undefined : page.metadata?._continue;
      } while (token !== undefined);
      assert.deepEqual(left, [3, 3, 1]);
      assert.deepEqual(names, Array.from({ length: 7 }, (_none, index) => `page-${index}`));
    });

    test("are listed by label and field, and counted beyond the page", async () => {
      const page = await core.listNamespacedConfigMap({ namespace, limit: 1 });
      assert.ok((page.metadata?.remainingItemCount ?? 0) > 0);
      const one = await core.listConfigMapForAllNamespaces({ fieldSelector: "metadata.name=page-1,metadata.namespace=default" });
      assert.deepEqual(one.items.map((item) => item.metadata?.name), ["page-1"]);
    });

    test("are patched in each way", async () => {
      const ref = { namespace, name: "patched" };
      await core.createNamespacedConfigMap({ namespace, body: configMap("patched", { a: "1" }) });
      const merged = await core.patchNamespacedConfigMap({ ...ref, body: { data: { b: "2" } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
      assert.deepEqual(merged.data, { a: "1", b: "2" });
      const strategic = await core.patchNamespacedConfigMap({ ...ref, body: { data: { a: null } } }, setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch));
      assert.deepEqual(strategic.data, { b: "2" });
      const json = await core.patchNamespacedConfigMap({ ...ref, body: [{ op: "replace", path: "/data/b", value: "3" }] }, setHeaderOptions("Content-Type", PatchStrategy.JsonPatch));
      assert.deepEqual(json.data, { b: "3" });
    });

    test("are applied: created, owned, refused to others and taken by force", async () => {
      const apply = (data: Readonly<Record<string, string>>, manager: string, isForced = false) => (
        objects.patch<V1ConfigMap>(configMap("applied", data), undefined, undefined, manager, isForced, PatchStrategy.ServerSideApply));
      const made = await apply({ a: "1" }, "first");
      assert.deepEqual(made.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation]), [["first", "Apply"]]);
      const { code, status } = await failure(apply({ a: "2" }, "second"));
      assert.deepEqual([code, status.reason, status.message], [409, "Conflict", 'Apply failed with 1 conflict: conflict with "first": .data.a']);
      assert.deepEqual(status.details?.causes, [{ reason: "FieldManagerConflict", message: 'conflict with "first"', field: ".data.a" }]);
      assert.deepEqual((await apply({ a: "2" }, "second", true)).data, { a: "2" });
    });

    test("of every kind are reached by the generic client", async () => {
      const [found] = (await objects.list("v1", "ConfigMap", namespace, undefined, undefined, undefined, undefined, "page=yes")).items;
      assert.equal(found?.metadata?.name, "page-0");
      const deployment = await objects.create<KubernetesObject & { spec?: { replicas?: number } }>({
        apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "generic", namespace },
        spec: { replicas: 2, selector: { matchLabels: { app: "x" } }, template: { metadata: { labels: { app: "x" } }, spec: { containers: [{ name: "main", image: "demo:1" }] } } },
      } as KubernetesObject);
      assert.equal(deployment.spec?.replicas, 2);
      const apps = config.makeApiClient(AppsV1Api);
      await apps.patchNamespacedDeploymentScale({ namespace, name: "generic", body: { spec: { replicas: 5 } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
      assert.equal((await apps.readNamespacedDeploymentScale({ namespace, name: "generic" })).spec?.replicas, 5);
      assert.equal((await objects.delete({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "generic", namespace } })).status, "Success");
    });

    test("of a definition are reached by the client for custom objects", async () => {
      const definitions = config.makeApiClient(ApiextensionsV1Api);
      const made = await definitions.createCustomResourceDefinition({ body: {
        apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "tools.clients.example.com" },
        spec: { group: "clients.example.com", scope: "Namespaced", names: { plural: "tools", kind: "Tool" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: { size: { type: "integer" } } } } }] },
      } });
      // The controller that does this does not run here.
      const conditions = ["NamesAccepted", "Established"].map((type) => ({ type, status: "True" }));
      await definitions.replaceCustomResourceDefinitionStatus({ name: "tools.clients.example.com", body: Object.assign(made, { status: { acceptedNames: made.spec.names, conditions, storedVersions: ["v1"] } }) });
      const custom = config.makeApiClient(CustomObjectsApi);
      const place = { group: "clients.example.com", version: "v1", namespace, plural: "tools" };
      await custom.createNamespacedCustomObject({ ...place, body: { apiVersion: "clients.example.com/v1", kind: "Tool", metadata: { name: "saw" }, size: 3 } });
      const list = await custom.listNamespacedCustomObject(place) as { readonly items: readonly { readonly size: number }[] };
      assert.deepEqual(list.items.map(({ size }) => size), [3]);
    });
  });

  describe("failures", () => {
    const refused: readonly (readonly [title: string, call: () => Promise<unknown>, code: number, reason: string, message: RegExp])[] = [
      ["what is not there", () => core.readNamespacedPod({ namespace, name: "none" }), 404, "NotFound", /^pods "none" not found$/],
      ["what is there already", () => core.createNamespacedConfigMap({ namespace, body: configMap("page-0") }), 409, "AlreadyExists", /^configmaps "page-0" already exists$/],
      ["what is not valid", () => core.createNamespacedService({ namespace, body: { metadata: { name: "bad" }, spec: { ports: [{ port: 99_999 }] } } }), 422, "Invalid", /spec\.ports\[0\]\.port: Invalid value: 99999/],
      ["a namespace that is not there", () => core.createNamespacedConfigMap({ namespace: "none", body: { metadata: { name: "x" } } }), 404, "NotFound", /^namespaces "none" not found$/],
      ["an old version", () => core.replaceNamespacedConfigMap({ namespace, name: "page-0", body: { metadata: { name: "page-0", namespace, resourceVersion: "1" } } }), 409, "Conflict", /the object has been modified/],
      ["a selector that cannot be read", () => core.listNamespacedPod({ namespace, labelSelector: "a==b==c" }), 400, "BadRequest", /found '=='/],
    ];
    for (const [title, call, code, reason, message] of refused) {
      test(`say code, reason and message: ${title}`, async () => {
        const found = await failure(call());
        assert.deepEqual([found.code, found.status.code, found.status.reason], [code, code, reason]);
        assert.match(found.status.message ?? "", message);
      });
    }

    test("name each field at fault", async () => {
      const { status } = await failure(core.createNamespacedPod({ namespace, body: { metadata: { name: "bad" }, spec: { containers: [{ name: "Bad", image: "" }] } } }));
      assert.deepEqual(status.details?.causes?.map(({ field }) => field).toSorted(), ["spec.containers[0].image", "spec.containers[0].name"]);
    });

    test("are told to who has no rights, and to who is nobody", async () => {
      const nobody = new KubeConfig();
      const cluster = config.getCurrentCluster();
      assert.ok(cluster !== null);
      nobody.loadFromClusterAndUser(cluster, { name: "nobody", token: "wrong" });
      assert.equal((await failure(nobody.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }))).code, 401);
      const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { verb: "create", resource: "pods", namespace } } } });
      assert.equal(review.status?.allowed, true);
      assert.equal((await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} })).status?.userInfo?.username, "kubernetes-admin");
    });

    test("are told where there are no figures of pods", async () => {
      await assert.rejects(new Metrics(config).getPodMetrics(namespace), ApiException);
    });
  });

  describe("watches", () => {
    test("tell of every change, in order, from a version on", async () => {
      const { metadata } = await core.listNamespacedConfigMap({ namespace });
      const events: string[] = [];
      const ended = Promise.withResolvers<unknown>();
      const seen = Promise.withResolvers<void>();
      const watch = await new Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: metadata?.resourceVersion, labelSelector: "watch=yes" }, (type, object: V1ConfigMap) => {
        events.push(`${type} ${object.metadata?.name}`);
        if (type === "DELETED") seen.resolve();
      }, ended.resolve);
      await core.createNamespacedConfigMap({ namespace, body: configMap("other") });
      await core.createNamespacedConfigMap({ namespace, body: configMap("watched", {}, { watch: "yes" }) });
      await core.patchNamespacedConfigMap({ namespace, name: "watched", body: { data: { a: "1" } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
      await core.deleteNamespacedConfigMap({ namespace, name: "watched" });
      await seen.promise;
      assert.deepEqual(events, ["ADDED watched", "MODIFIED watched", "DELETED watched"]);
      watch.abort();
      await ended.promise;
    });

    test("end when their time is over", async () => {
      const ended = Promise.withResolvers<unknown>();
      await new Watch(config).watch("/api/v1/pods", { timeoutSeconds: 1 }, () => {}, ended.resolve);
      assert.equal(await ended.promise, null);
    });

    test("say that what they are to start from is no version", async () => {
      const ended = Promise.withResolvers<unknown>();
      await new Watch(config).watch("/api/v1/pods", { resourceVersion: "soon" }, () => {}, ended.resolve);
      assert.equal((await ended.promise as { readonly statusCode?: number }).statusCode, 400);
    });

    test("carry an informer through changes", async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const list = async () => core.listNamespacedConfigMap({ namespace, labelSelector: "informer=yes" });
      const informer = makeInformer<V1ConfigMap>(config, path, list, "informer=yes");
      const heard: string[] = [];
      const waiting: { readonly count: number; readonly done: () => void }[] = [];
      const hear = (what: string) => (object: V1ConfigMap) => {
        heard.push(`${what} ${object.metadata?.name} ${object.data?.["a"] ?? ""}`);
        for (const { count, done } of waiting) if (heard.length >= count) done();
      };
      const until = async (count: number) => { if (heard.length < count) await new Promise<void>((done) => { waiting.push({ count, done }); }); };
      for (const what of ["add", "update", "delete"] as const) informer.on(what, hear(what));
      await core.createNamespacedConfigMap({ namespace, body: configMap("i-1", { a: "1" }, { informer: "yes" }) });
      await informer.start();
      await until(1);
      await core.createNamespacedConfigMap({ namespace, body: configMap("i-2", { a: "2" }, { informer: "yes" }) });
      await until(2);
      await core.patchNamespacedConfigMap({ namespace, name: "i-1", body: { data: { a: "3" } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
      await until(3);
      await core.deleteNamespacedConfigMap({ namespace, name: "i-2" });
      await until(4);
      assert.deepEqual(heard, ["add i-1 1", "add i-2 2", "update i-1 3", "delete i-2 2"]);
      assert.equal(informer.get("i-1", namespace)?.data?.["a"], "3");
      assert.deepEqual(informer.list(namespace).map(({ metadata }) => metadata?.name), ["i-1"]);
      await informer.stop();
      assert.ok(informer instanceof ListWatch);
    });

    test("carry an informer that is started again over a broken connection", async () => {
      const server = new URL(config.getCurrentCluster()?.server ?? "");
      const open = new Set<Socket>();
      // Between the client and the API, so that every connection can be broken at once.
      const between = createServer((client) => {
        const onward = connect(Number(server.port), server.hostname);
        for (const socket of [client, onward]) { open.add(socket); socket.on("error", () => {}); }
        client.pipe(onward).pipe(client);
      }).listen(0, "127.0.0.1");
      await once(between, "listening");
      const broken = new KubeConfig();
      broken.loadFromString(config.exportConfig().replace(server.host, `127.0.0.1:${(between.address() as AddressInfo).port}`));
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const informer = makeInformer<V1ConfigMap>(broken, path, async () => broken.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace, labelSelector: "broken=yes" }), "broken=yes");
      const [first, second, failed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      informer.on("add", ({ metadata }) => { (metadata?.name === "b-1" ? first : second).resolve(); });
      informer.on("error", () => { failed.resolve(); });
      await core.createNamespacedConfigMap({ namespace, body: configMap("b-1", {}, { broken: "yes" }) });
      await informer.start();
      await first.promise;
      for (const socket of open) socket.destroy();
      await failed.promise;
      await core.createNamespacedConfigMap({ namespace, body: configMap("b-2", {}, { broken: "yes" }) });
      await informer.start();
      await second.promise;
      assert.deepEqual(informer.list(namespace).map(({ metadata }) => metadata?.name), ["b-1", "b-2"]);
      await informer.stop();
      for (const socket of open) socket.destroy();
      between.close();
    });
  });

  describe("a pod that runs", () => {
    test("has its logs read and followed", async () => {
      const whole = new PassThrough();
      await new Log(config).log(namespace, "web", "main", whole, { tailLines: 1_000 });
      assert.match(await text(whole), /^up\ntick\n/);
      const followed = new PassThrough();
      await new Log(config).log(namespace, "web", "main", followed, { follow: true, tailLines: 1, limitBytes: 20 });
      assert.equal(await text(followed), "tick\n".repeat(4));
      await assert.rejects(new Log(config).log(namespace, "web", "other", new PassThrough()), (error) => error instanceof ApiException && error.code === 400);
      assert.match(await core.readNamespacedPodLog({ namespace, name: "web", container: "main", limitBytes: 3 }), /^up\n$/);
    });

    test("runs programs, with input, both outputs and the exit code", async () => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const status = Promise.withResolvers<V1Status>();
      await new Exec(config).exec(namespace, "web", "main", ["sh", "-c", "head -c 5; echo oops >&2; exit 3"], stdout, stderr, Readable.from(["typed"]), false, status.resolve);
      const found = await status.promise;
      assert.deepEqual([found.status, found.reason, found.details?.causes], ["Failure", "NonZeroExitCode", [{ reason: "ExitCode", message: "3" }]]);
      stdout.end();
      stderr.end();
      assert.deepEqual([await text(stdout), await text(stderr)], ["typed", "oops\n"]);
    });

    test("says of a program that ends well that it did", async () => {
      const stdout = new PassThrough();
      const status = Promise.withResolvers<V1Status>();
      await new Exec(config).exec(namespace, "web", "main", ["echo", "hello"], stdout, null, null, false, status.resolve);
      assert.equal((await status.promise).status, "Success");
      stdout.end();
      assert.equal(await text(stdout), "hello\n");
    });

    test("is attached to", async () => {
      const stdout = new PassThrough();
      const socket = await new Attach(config).attach(namespace, "web", "main", stdout, null, null, false);
      for await (const chunk of stdout) if (String(chunk).includes("tick")) break;
      socket.close();
    });

    test("has a port forwarded", async () => {
      const forward = new PortForward(config);
      const server = createServer((socket) => { void forward.portForward(namespace, "web", [8080], socket, null, socket); }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      socket.write("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd");
      let heard = "";
      for await (const chunk of socket) { heard += String(chunk); if (heard.includes("heard 4")) break; }
      assert.match(heard, /^HTTP\/1\.1 200 OK\r\n/);
      socket.destroy();
      server.close();
    });

    test("is answered through the proxy", async () => {
      assert.equal(await core.connectGetNamespacedPodProxyWithPath({ namespace, name: "web:8080", path: "any" }), "heard 0");
    });

    test("is evicted", async () => {
      await core.createNamespacedPod({ namespace, body: { metadata: { name: "leaving" }, spec: { containers: [{ name: "main", image: "demo:1" }] } } });
      await core.createNamespacedPodEviction({ namespace, name: "leaving", body: { metadata: { name: "leaving", namespace } } });
      assert.equal((await failure(core.readNamespacedPod({ namespace, name: "leaving" }))).code, 404);
    });
  });

  test("the version is one of Kubernetes", async () => {
    assert.match((await config.makeApiClient(VersionApi).getCode()).gitVersion, /^v1\.\d+/);
  });
});
