import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import { gunzipSync } from "node:zlib";
import { apiVersionOf } from "../../model/kind.ts";
import { kinds } from "../../model/kinds.ts";
import { DeploymentKind } from "../../model/kinds/deployment.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";

interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: () => Record<string, unknown> & { readonly metadata: Record<string, unknown> };
}

describe("the HTTP edge", () => {
  let edge: LoopbackEdge;
  before(async () => { edge = await startLoopbackEdge(); });
  after(async () => edge.close());

  const ask = (path: string, options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer; readonly isAnonymous?: boolean } = {}) => (
    new Promise<Answer>((resolve, reject) => {
      const identity = options.isAnonymous === true ? {} : edge.pki.admin;
      const sent = request({ host: "127.0.0.1", port: edge.server.port, path, method: options.method ?? "GET", headers: options.headers ?? {}, ca: edge.pki.ca, agent: false, ...identity }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({ code: answer.statusCode ?? 0, headers: answer.headers, bytes, text: bytes.toString(), json: () => JSON.parse(bytes.toString()) });
        });
      });
      sent.on("error", reject);
      sent.end(options.body);
    }));
  const json = { "content-type": "application/json" };
  const configMaps = "/api/v1/namespaces/default/configmaps";
  const configMap = (name: string, data: Readonly<Record<string, string>> = {}) => JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

  test("health and version answer anybody, everything else is denied to who does not say who it is", async () => {
    for (const path of ["/healthz", "/livez", "/readyz"]) assert.equal((await ask(path, { isAnonymous: true })).text, "ok");
    assert.equal((await ask("/version", { isAnonymous: true })).json()["gitVersion"], "v1.33.0+capstan");
    for (const path of ["/api", "/apis", "/api/v1/pods", "/metrics", "/openapi/v3", "/nothing"]) {
      const answer = await ask(path, { isAnonymous: true });
      assert.equal(answer.code, 403, path);
      assert.match(String(answer.json()["message"]), /forbidden: User "system:anonymous" cannot /);
    }
    const wrong = await ask("/version", { isAnonymous: true, headers: { authorization: "Bearer wrong" } });
    assert.deepEqual(wrong.json(), { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401 });
  });

  test("what is not there is answered as upstream does", async () => {
    const unknown = await ask("/apis/wrong/v1/things");
    assert.deepEqual([unknown.code, unknown.text, unknown.headers["content-type"]], [404, "404 page not found\n", "text/plain; charset=utf-8"]);
    assert.equal((await ask("/api/v1/things")).json()["message"], "the server could not find the requested resource");
    assert.equal((await ask(`${configMaps}/none`)).json()["message"], "configmaps \"none\" not found");
    const refused = await ask("/api/v1/pods", { method: "POST", headers: json, body: "{}" });
    assert.deepEqual([refused.code, refused.json()["reason"]], [405, "MethodNotAllowed"]);
    assert.equal((await ask("/api/v1/namespaces/default", { method: "OPTIONS" })).code, 405);
  });

  test("an answer names the schema and the level its request went by", async () => {
    const headers = (await ask("/api/v1/pods")).headers;
    const uidOf = async (resource: string) => ((await ask(`/apis/flowcontrol.apiserver.k8s.io/v1/${resource}/exempt`)).json()["metadata"] as { readonly uid: string }).uid;
    assert.deepEqual([headers["x-kubernetes-pf-flowschema-uid"], headers["x-kubernetes-pf-prioritylevel-uid"]], [await uidOf("flowschemas"), await uidOf("prioritylevelconfigurations")]);
  });

  test("bodies are limited in size, type and shape", async () => {
    const large = await ask(configMaps, { method: "POST", headers: json, body: Buffer.alloc(3_145_729, 32) });
    assert.deepEqual([large.code, large.json()["message"]], [413, "Request entity too large: limit is 3145728"]);
    assert.equal((await ask(configMaps, { method: "POST", headers: { "content-type": "text/html" }, body: "x" })).code, 415);
    assert.equal((await ask(configMaps, { method: "POST", headers: json, body: "{" })).code, 400);
    assert.equal((await ask(`${configMaps}/x`, { method: "PATCH", headers: { "content-type": "application/apply-patch+cbor" }, body: "{}" })).code, 415);
    assert.equal((await ask(configMaps, { headers: { accept: "text/html" } })).code, 406);
    assert.equal((await ask(`${configMaps}/none`, { headers: { accept: "text/html" } })).code, 406, "what cannot be answered is not looked for");
  });

  test("objects are written in JSON and YAML, and answered with 201 and then 200", async () => {
    assert.equal((await ask(configMaps, { method: "POST", headers: json, body: configMap("a", { x: "1" }) })).code, 201);
    const yaml = await ask(configMaps, { method: "POST", headers: { "content-type": "application/yaml" }, body: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {x: '1'}\n" });
    assert.equal(yaml.code, 201);
    const put = await ask(`${configMaps}/b`, { method: "PUT", headers: json, body: configMap("b", { x: "2" }) });
    assert.equal(put.code, 200);
    const asYaml = await ask(`${configMaps}/b`, { headers: { accept: "application/yaml" } });
    assert.equal(asYaml.headers["content-type"], "application/yaml");
    const removed = await ask(`${configMaps}/b`, { method: "DELETE" });
    assert.deepEqual([removed.code, removed.json()["status"]], [200, "Success"]);
    const all = await ask(`${configMaps}?labelSelector=none%3Dnone`, { method: "DELETE" });
    assert.deepEqual([all.code, all.json()["kind"]], [200, "ConfigMapList"]);
  });

  test("a field that stands twice is warned of, or refused when asked for strictness", async () => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"x":"1","x":"2"}}';
    const warned = await ask(`${configMaps}?dryRun=All`, { method: "POST", headers: json, body });
    assert.deepEqual([warned.code, warned.headers["warning"]], [201, '299 - "duplicate field \\"data.x\\""']);
    const refused = await ask(`${configMaps}?fieldValidation=Strict`, { method: "POST", headers: json, body });
    assert.match(String(refused.json()["message"]), /duplicate field "data.x"/);
    assert.equal((await ask(`${configMaps}?fieldValidation=Ignore&dryRun=All`, { method: "POST", headers: json, body })).headers["warning"], undefined);
  });

  test("tables and partial objects are made of one object and of lists", async () => {
    await ask(configMaps, { method: "POST", headers: json, body: configMap("table", { x: "1" }) });
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const one = (await ask(`${configMaps}/table`, { headers: { accept } })).json() as unknown as { readonly kind: string; readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: { readonly kind: string } | null }[] };
    assert.equal(one.kind, "Table");
    assert.deepEqual(one.rows[0]?.cells.slice(0, 2), ["table", 1]);
    assert.equal(one.rows[0]?.object?.kind, "PartialObjectMetadata");
    const none = (await ask(`${configMaps}?includeObject=None`, { headers: { accept } })).json() as unknown as typeof one;
    assert.equal(none.rows[0]?.object, null);
    assert.equal((await ask(`${configMaps}?includeObject=All`, { headers: { accept } })).code, 400);
    const partial = await ask(configMaps, { headers: { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" } });
    assert.equal(partial.json()["kind"], "PartialObjectMetadataList");
    assert.equal((await ask(configMaps, { headers: { accept: "application/json;as=Table" } })).code, 406);
    assert.equal((await ask(`${configMaps}?includeObject=All`)).code, 200, "only tables are asked how they carry objects");
    const review = { method: "POST", headers: { ...json, accept }, body: JSON.stringify({ spec: { nonResourceAttributes: { path: "/", verb: "get" } } }) };
    assert.equal((await ask("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)).code, 406);
  });

  test("a scale is shown as a table, as metadata and in protobuf", async () => {
    const labels = { app: "scaled" };
    await edge.admin.create(DeploymentKind, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "scaled", namespace: "default" }, spec: { replicas: 3, selector: { matchLabels: labels }, strategy: {}, template: { metadata: { name: "", labels }, spec: { containers: [{ name: "main", image: "demo:1", resources: {} }] } } }, status: {} });
    const path = "/apis/apps/v1/namespaces/default/deployments/scaled/scale";
    const as = async (form: string) => (await ask(path, { headers: { accept: `application/json;as=${form};v=v1;g=meta.k8s.io` } })).json() as unknown as { readonly kind: string; readonly columnDefinitions: readonly { readonly name: string }[]; readonly rows: readonly { readonly cells: readonly unknown[] }[] };
    const { columnDefinitions, rows } = await as("Table");
    assert.deepEqual([columnDefinitions.map(({ name }) => name), rows[0]?.cells.slice(0, 3)], [["Name", "Desired", "Available", "Age"], ["scaled", 3, 0]]);
    assert.equal((await as("PartialObjectMetadata")).kind, "PartialObjectMetadata");
    assert.partialDeepStrictEqual((await ask(path)).json(), { kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "scaled" }, spec: { replicas: 3 }, status: { selector: "app=scaled" } });
    assert.equal((await ask(path, { headers: { accept: "application/vnd.kubernetes.protobuf" } })).bytes.subarray(0, 4).toString(), "k8s\0");
  });

  test("metadata is asked for as a list of lists, and of one object as it is", async () => {
    const accept = (as: string, version = "v1") => ({ headers: { accept: `application/json;as=${as};v=${version};g=meta.k8s.io` } });
    const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    const wrong: readonly (readonly [path: string, as: string, message: string])[] = [
      [configMaps, "PartialObjectMetadata", "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"],
      [roles, "PartialObjectMetadata", "you requested PartialObjectMetadata, but the requested object is a list (*rbac.ClusterRoleList)"],
      ["/apis/events.k8s.io/v1/events", "PartialObjectMetadata", "you requested PartialObjectMetadata, but the requested object is a list (*core.EventList)"],
      [`${roles}/admin`, "PartialObjectMetadataList", "you requested PartialObjectMetadataList, but the requested object is not a list (*rbac.ClusterRole)"],
      [`${roles}/none`, "PartialObjectMetadataList", 'clusterroles.rbac.authorization.k8s.io "none" not found'],
    ];
    for (const [path, as, message] of wrong) {
      const reply = await ask(path, accept(as));
      assert.equal(reply.json()["message"], message);
      assert.deepEqual([reply.code, reply.json()["reason"]], message.startsWith("you") ? [406, "NotAcceptable"] : [404, "NotFound"]);
    }
    for (const version of ["v1", "v1beta1"]) {
      assert.equal((await ask(roles, accept("PartialObjectMetadataList", version))).json()["apiVersion"], `meta.k8s.io/${version}`);
      assert.partialDeepStrictEqual((await ask(`${roles}/admin`, accept("PartialObjectMetadata", version))).json(), { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}` });
    }
    const pretty = await ask(`${roles}/admin`, { headers: { accept: "application/json;pretty=1" } });
    assert.match(pretty.text, /^\{\n {2}"/);
  });

  test("large answers are compressed for those who accept it", async () => {
    const data = { x: "y".repeat(200_000) };
    await edge.admin.create(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "large", namespace: "default" }, data });
    const plain = await ask(`${configMaps}/large`);
    const packed = await ask(`${configMaps}/large`, { headers: { "accept-encoding": "gzip" } });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.ok(packed.bytes.length < 10_000);
    assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
  });

  test("a watch ends after its time, and is refused with a status code", async () => {
    const list = await ask(configMaps);
    const revision = String(list.json().metadata["resourceVersion"]);
    const quiet = await ask(`${configMaps}?watch=true&resourceVersion=${revision}&timeoutSeconds=1`);
    assert.deepEqual([quiet.code, quiet.text], [200, ""]);
    const shown = await ask(`${configMaps}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dtable`);
    assert.equal((JSON.parse(shown.text.split("\n")[0] ?? "") as { readonly type: string }).type, "ADDED");
    const wrong = await ask(`${configMaps}?watch=true&resourceVersion=x&timeoutSeconds=1`);
    assert.deepEqual([wrong.code, wrong.json()["status"]], [400, "Failure"]);
  });

  test("discovery tells its groups at once, and not twice to who knows them", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
    const first = await ask("/apis", { headers: { accept } });
    assert.equal(first.json()["kind"], "APIGroupDiscoveryList");
    assert.equal(first.headers["content-type"], "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    assert.equal((await ask("/apis", { headers: { accept, "if-none-match": first.headers.etag ?? "" } })).code, 304);
    assert.equal((await ask("/apis")).json()["kind"], "APIGroupList");
    assert.equal((await ask("/apis/apps")).json()["kind"], "APIGroup");
    assert.equal((await ask("/api/v1")).json()["kind"], "APIResourceList");
  });

  test("every reference of the OpenAPI documents leads somewhere", async () => {
    const index = (await ask("/openapi/v3")).json() as unknown as { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> };
    const served = new Set(kinds.map((kind) => (kind.group === "" ? "api/v1" : `apis/${apiVersionOf(kind)}`)));
    assert.deepEqual(Object.keys(index.paths).toSorted(), [...served].toSorted());
    for (const { serverRelativeURL } of Object.values(index.paths)) {
      const answer = await ask(serverRelativeURL);
      assert.equal(answer.headers["cache-control"], "public, immutable");
      const outdated = await ask(serverRelativeURL.replace(/hash=.*/, "hash=00"));
      assert.deepEqual([outdated.code, outdated.headers.location], [301, serverRelativeURL]);
      const { components } = answer.json() as unknown as { readonly components: { readonly schemas: Readonly<Record<string, unknown>> } };
      for (const [, name] of answer.text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) assert.ok(components.schemas[name ?? ""] !== undefined, `${serverRelativeURL} lacks ${name}`);
    }
  });

  test("scale and finalize change their part alone", async () => {
    const template = { metadata: { labels: { app: "s" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "s" }, spec: { selector: { matchLabels: { app: "s" } }, template } };
    const path = "/apis/apps/v1/namespaces/default/deployments";
    assert.equal((await ask(path, { method: "POST", headers: json, body: JSON.stringify(deployment) })).code, 201);
    const scale = (await ask(`${path}/s/scale`)).json();
    assert.deepEqual([scale["kind"], scale["spec"], scale["status"]], ["Scale", { replicas: 1 }, { replicas: 0, selector: "app=s" }]);
    const put = await ask(`${path}/s/scale`, { method: "PUT", headers: json, body: JSON.stringify({ ...scale, spec: { replicas: 4 } }) });
    assert.deepEqual([put.code, put.json()["spec"]], [200, { replicas: 4 }]);
    const stale = await ask(`${path}/s/scale`, { method: "PUT", headers: json, body: JSON.stringify({ ...scale, spec: { replicas: 5 } }) });
    assert.equal(stale.code, 409);
    const patched = await ask(`${path}/s/scale`, { method: "PATCH", headers: { "content-type": "application/merge-patch+json" }, body: '{"spec":{"replicas":2}}' });
    assert.deepEqual(patched.json()["spec"], { replicas: 2 });
    await ask("/api/v1/namespaces", { method: "POST", headers: json, body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "f" } }) });
    const finalized = await ask("/api/v1/namespaces/f/finalize", { method: "PUT", headers: json, body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "f", labels: { x: "y" } }, spec: {} }) });
    assert.equal(finalized.code, 200);
    assert.deepEqual([finalized.json()["spec"], (finalized.json().metadata["labels"] as { readonly x?: string } | undefined)?.x], [{}, undefined]);
  });

  test("metrics are for those who may", async () => {
    const { text } = await ask("/metrics");
    assert.match(text, /apiserver_request_total\{code="200",[^}]*resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"\} \d+/);
    assert.match(text, /^capstan_store_revision \d+$/m);
  });

  test("who may impersonate acts as another, with their rights alone", async () => {
    const asJane = { "impersonate-user": "jane", "impersonate-group": "team" };
    const refused = await ask("/api/v1/pods", { headers: asJane });
    assert.deepEqual([refused.code, refused.json()["message"]], [403, 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope']);
    const asked = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    const known = await ask("/apis/authentication.k8s.io/v1/selfsubjectreviews", { method: "POST", headers: { ...json, ...asJane }, body: asked });
    assert.deepEqual(known.json()["status"], { userInfo: { username: "jane", groups: ["team", "system:authenticated"] } });
  });

  test("HTTP/2 is spoken on the same port, with the same identity", async () => {
    const session = connectHttp2(edge.server.address, { ca: edge.pki.ca, ...edge.pki.admin });
    const stream = session.request({ ":path": "/api/v1/namespaces/kube-system" });
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    assert.equal((JSON.parse(body) as { readonly kind: string }).kind, "Namespace");
    session.close();
  });
});
