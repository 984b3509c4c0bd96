import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { CertificateMaker } from "../../src/api/http/certificate-maker.ts";
import type { KeyPair } from "../../src/api/http/certificates.ts";
import { objectOf, textOf } from "../../src/api/shape.ts";
import { HttpsOutside } from "../../src/api/webhooks/https-outside.ts";
import { customResourceDefinitionController } from "../../src/controllers/custom-resource-definition/controller.ts";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import { kinds } from "../../src/model/kinds.ts";
import type { JsonObject } from "../../src/value/json.ts";
import { realChance } from "../../src/world/real/chance.ts";
import { realClock } from "../../src/world/real/clock.ts";
import { testCluster } from "./test-cluster.ts";
import type { TestCluster } from "./test-cluster.ts";

const world = { clock: realClock, chance: realChance };
const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } } } as const;
const ref = { namespace: "default", name: "w" };

/** An HTTPS server that turns `{size: "3x4"}` of v1 into `{width: 3, height: 4}` of v2 and back, or answers what `answer` says. */
interface Webhook {
  readonly server: Server;
  readonly port: number;
  answer: { readonly code: number; readonly text: string } | undefined;
}

async function serveWebhook(pair: KeyPair): Promise<Webhook> {
  const server = createServer(pair, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { code, text } = webhook.answer ?? { code: 200, text: JSON.stringify(convert(JSON.parse(Buffer.concat(chunks).toString()) as JsonObject)) };
      response.writeHead(code, { "content-type": "application/json" }).end(text);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const webhook: Webhook = { server, port: (server.address() as AddressInfo).port, answer: undefined };
  return webhook;
}

function convert(review: JsonObject): JsonObject {
  const { uid, desiredAPIVersion, objects } = review["request"] as { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonObject[] };
  const convertedObjects = objects.map((object) => {
    const spec = object["spec"] as JsonObject;
    const [width, height] = textOf(spec, "size").split("x").map(Number);
    return { ...object, apiVersion: desiredAPIVersion, spec: desiredAPIVersion.endsWith("/v1") ? { size: `${Number(spec["width"])}x${Number(spec["height"])}` } : { width, height } };
  });
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response: { uid, result: { status: "Success" }, convertedObjects } };
}

describe("a converting webhook over HTTPS", () => {
  let authority: KeyPair;
  let good: Webhook;
  let elsewhere: Webhook;
  const outside = new HttpsOutside(world);
  before(async () => {
    const maker = new CertificateMaker(world);
    authority = await maker.authority();
    const issue = (hosts: readonly string[]) => maker.issue(authority, { commonName: "webhook", hosts, usage: "server", lifetimeMs: 3_600_000 });
    good = await serveWebhook(await issue(["127.0.0.1", "localhost"]));
    elsewhere = await serveWebhook(await issue(["convert.example.com"]));
    await maker.close();
  });
  after(() => {
    outside.close();
    for (const { server } of [good, elsewhere]) server.close();
  });

  /** A cluster with an object of v1, and a definition that has this webhook. */
  async function converting(clientConfig: { readonly url: string; readonly caBundle?: string }): Promise<TestCluster> {
    const cluster = await testCluster([customResourceDefinitionController(kinds)], { outside });
    const webhook = { clientConfig, conversionReviewVersions: ["v1"] };
    await cluster.client.create(CustomResourceDefinitionKind, {
      apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com" }, status: {},
      spec: {
        group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, conversion: { strategy: "Webhook", webhook },
        versions: ["v1", "v2"].map((name) => ({ name, served: true, storage: name === "v1", schema })),
      },
    });
    await cluster.settle();
    await cluster.client.create(kindOf(cluster, "v1"), objectOf({ apiVersion: "example.com/v1", kind: "Widget", metadata: ref, spec: { size: "3x4" } }));
    return cluster;
  }

  function kindOf({ verbs }: TestCluster, version: string) {
    const found = verbs.kinds.find(`example.com/${version}`, "Widget");
    assert.ok(found !== undefined);
    return found;
  }

  const bundle = () => Buffer.from(authority.cert).toString("base64");
  const place = ({ port }: Webhook, host = "127.0.0.1") => `https://${host}:${port}/convert`;

  test("trusts the bundle, converts what is read and written, and says so of every object of a list at once", async () => {
    const cluster = await converting({ url: place(good), caBundle: bundle() });
    const v2 = kindOf(cluster, "v2");
    const read = await cluster.client.get(v2, ref);
    assert.deepEqual((read as unknown as JsonObject)["spec"], { width: 3, height: 4 });
    await cluster.client.create(v2, objectOf({ apiVersion: "example.com/v2", kind: "Widget", metadata: { ...ref, name: "x" }, spec: { width: 1, height: 2 } }));
    assert.deepEqual((await cluster.client.get(kindOf(cluster, "v1"), { ...ref, name: "x" }) as unknown as JsonObject)["spec"], { size: "1x2" });
    assert.deepEqual((await cluster.client.list(v2)).items.map((item) => (item as unknown as JsonObject)["spec"]), [{ width: 3, height: 4 }, { width: 1, height: 2 }]);
    await cluster.stop();
  });

  const failures: readonly (readonly [title: string, webhook: () => { readonly url: string; readonly caBundle?: string }, says: (url: string) => string, answer?: { readonly code: number; readonly text: string }])[] = [
    ["without its authority", () => ({ url: place(good) }), (url) => `failed: Post "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`],
    ["of another address", () => ({ url: place(elsewhere), caBundle: bundle() }), (url) => `failed: Post "${url}": tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`],
    ["of another name", () => ({ url: place(elsewhere, "localhost"), caBundle: bundle() }), (url) => `failed: Post "${url}": tls: failed to verify certificate: x509: certificate is valid for convert.example.com, not localhost`],
    ["where nobody listens", () => ({ url: "https://127.0.0.1:1/convert", caBundle: bundle() }), (url) => `failed: Post "${url}": dial tcp 127.0.0.1:1: connect: connection refused`],
    ["that is not there", () => ({ url: place(good), caBundle: bundle() }), () => "failed: the server could not find the requested resource", { code: 404, text: "" }],
    ["that breaks", () => ({ url: place(good), caBundle: bundle() }), () => 'failed: an error on the server ("out of paper") has prevented the request from succeeding', { code: 500, text: "out of paper\n" }],
    ["that answers another kind", () => ({ url: place(good), caBundle: bundle() }), () => "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=Pod", { code: 200, text: '{"apiVersion":"v1","kind":"Pod"}' }],
    ["that answers nothing", () => ({ url: place(good), caBundle: bundle() }), () => "failed: no response provided", { code: 200, text: '{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview"}' }],
  ];

  for (const [title, webhook, says, answer] of failures) {
    test(`one ${title} fails the request in upstream's words, and leaves the stored version be`, async () => {
      const clientConfig = webhook();
      const cluster = await converting(clientConfig);
      good.answer = answer;
      try {
        const message = `conversion webhook for example.com/v1, Kind=Widget ${says(`${clientConfig.url}?timeout=30s`)}`;
        await assert.rejects(cluster.client.get(kindOf(cluster, "v2"), ref), { code: 500, message });
        await assert.rejects(cluster.client.list(kindOf(cluster, "v2")), { code: 500, message });
        assert.ok(await cluster.client.get(kindOf(cluster, "v1"), ref) !== undefined);
      } finally {
        good.answer = undefined;
        await cluster.stop();
      }
    });
  }
});
