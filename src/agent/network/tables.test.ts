import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service, ServiceSpec } from "../../model/generated/core-v1.ts";
import type { Endpoint, EndpointSlice } from "../../model/generated/discovery-v1.ts";
import { answerQuestion, printResolvConf } from "./dns-records.ts";
import { serviceListeners } from "./service-table.ts";

function serviceWith(spec: ServiceSpec, name = "web"): Service {
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec, status: {} };
}

function sliceWith(endpoints: readonly Endpoint[], name = "web"): EndpointSlice {
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: `${name}-1`, namespace: "shop", labels: { "kubernetes.io/service-name": name } }, addressType: "IPv4", endpoints, ports: [{ name: "http", port: 8080, protocol: "TCP" }] };
}

const port = { name: "http", port: 80 };
const ready = (ip: string): Endpoint => ({ addresses: [ip], conditions: { ready: true } });

test("a service listens on its cluster address and node port, to its ready endpoints", () => {
  const service = serviceWith({ type: "NodePort", clusterIP: "127.96.0.20", ports: [{ ...port, nodePort: 30_080 }] });
  const listeners = serviceListeners([service], [sliceWith([ready("127.64.0.1"), { addresses: ["127.64.0.2"], conditions: { ready: false } }])], { nodeIP: "127.0.0.1" });
  assert.deepEqual(listeners.map(({ key, targets }) => [key, targets]), [
    ["TCP 127.0.0.1:30080", [{ ip: "127.64.0.1", port: 8080 }]], ["TCP 127.96.0.20:80", [{ ip: "127.64.0.1", port: 8080 }]],
  ]);
});

test("endpoints that end are used only when no other is ready", () => {
  const ending: Endpoint = { addresses: ["127.64.0.9"], conditions: { ready: false, serving: true, terminating: true } };
  const service = serviceWith({ clusterIP: "127.96.0.20", ports: [port] });
  const targetsOf = (endpoints: readonly Endpoint[]) => serviceListeners([service], [sliceWith(endpoints)], { nodeIP: "127.0.0.1" })[0]?.targets.map((target) => target.ip);
  assert.deepEqual(targetsOf([ready("127.64.0.1"), ending]), ["127.64.0.1"]);
  assert.deepEqual(targetsOf([ending]), ["127.64.0.9"]);
});

test("a service that keeps traffic local leads to the endpoints of its node alone, within or from outside as it says", () => {
  const here = { ...ready("127.64.0.1"), nodeName: "one" };
  const there = { ...ready("127.64.0.2"), nodeName: "two" };
  const targets = (spec: ServiceSpec, endpoints: readonly Endpoint[], nodeName?: string) => serviceListeners([serviceWith({ type: "NodePort", clusterIP: "127.96.0.20", ports: [{ ...port, nodePort: 30_080 }], ...spec })], [sliceWith(endpoints)], { nodeIP: "127.0.0.1", ...(nodeName === undefined ? {} : { nodeName }) })
    .map((listener) => listener.targets.map((target) => target.ip));
  const both = ["127.64.0.1", "127.64.0.2"];
  assert.deepEqual(targets({ internalTrafficPolicy: "Local" }, [here, there], "one"), [both, ["127.64.0.1"]]);
  assert.deepEqual(targets({ externalTrafficPolicy: "Local" }, [here, there], "two"), [["127.64.0.2"], both]);
  assert.deepEqual(targets({ internalTrafficPolicy: "Local" }, [there], "one"), [["127.64.0.2"], []]);
  assert.deepEqual(targets({ internalTrafficPolicy: "Local" }, [here, there]), [both, both]);
});

test("headless services and other services' slices make no listener", () => {
  assert.deepEqual(serviceListeners([serviceWith({ clusterIP: "None", ports: [port] })], [sliceWith([ready("127.64.0.1")])], { nodeIP: "127.0.0.1" }), []);
  assert.deepEqual(serviceListeners([serviceWith({ clusterIP: "127.96.0.20", ports: [port] })], [sliceWith([ready("127.64.0.1")], "other")], { nodeIP: "127.0.0.1" })[0]?.targets, []);
});

const view = {
  services: new Map([
    ["shop/web", serviceWith({ clusterIP: "127.96.0.20", ports: [port] })],
    ["shop/db", serviceWith({ clusterIP: "None", ports: [port] }, "db")],
    ["shop/out", serviceWith({ type: "ExternalName", externalName: "example.com" }, "out")],
    ["shop/other", serviceWith({ type: "ExternalName", externalName: "web.shop.svc.cluster.local" }, "other")],
    ["shop/ring", serviceWith({ type: "ExternalName", externalName: "ring.shop.svc.cluster.local" }, "ring")],
  ]),
  slices: [sliceWith([{ ...ready("127.64.0.1"), hostname: "db-0" }, { addresses: ["127.64.0.2"], conditions: { ready: false } }], "db")],
};
const a = (name: string, address: string) => ({ kind: "found", records: [{ type: "A", name, address }] });

const answers: readonly (readonly [string, string, unknown])[] = [
  ["web.shop.svc.cluster.local", "A", a("web.shop.svc.cluster.local", "127.96.0.20")],
  ["WEB.shop.svc", "A", a("WEB.shop.svc", "127.96.0.20")],
  ["web.shop", "A", a("web.shop", "127.96.0.20")],
  ["web.shop.svc.cluster.local", "AAAA", { kind: "found", records: [] }],
  ["db.shop.svc.cluster.local", "A", a("db.shop.svc.cluster.local", "127.64.0.1")],
  ["db-0.db.shop.svc.cluster.local", "A", a("db-0.db.shop.svc.cluster.local", "127.64.0.1")],
  ["_http._tcp.web.shop.svc.cluster.local", "SRV", { kind: "found", records: [{ type: "SRV", name: "_http._tcp.web.shop.svc.cluster.local", target: "web.shop.svc.cluster.local", port: 80 }] }],
  ["_http._tcp.db.shop.svc.cluster.local", "SRV", { kind: "found", records: [{ type: "SRV", name: "_http._tcp.db.shop.svc.cluster.local", target: "db-0.db.shop.svc.cluster.local", port: 8080 }] }],
  ["out.shop.svc.cluster.local", "A", { kind: "found", records: [{ type: "CNAME", name: "out.shop.svc.cluster.local", target: "example.com" }] }],
  ["other.shop.svc.cluster.local", "A", { kind: "found", records: [
    { type: "CNAME", name: "other.shop.svc.cluster.local", target: "web.shop.svc.cluster.local" }, { type: "A", name: "web.shop.svc.cluster.local", address: "127.96.0.20" },
  ] }],
  ["ring.shop.svc.cluster.local", "A", { kind: "found", records: Array.from({ length: 8 }, () => ({ type: "CNAME", name: "ring.shop.svc.cluster.local", target: "ring.shop.svc.cluster.local" })) }],
  ["20.0.96.127.in-addr.arpa", "PTR", { kind: "found", records: [{ type: "PTR", name: "20.0.96.127.in-addr.arpa", target: "web.shop.svc.cluster.local" }] }],
  ["1.0.64.127.in-addr.arpa", "PTR", { kind: "found", records: [{ type: "PTR", name: "1.0.64.127.in-addr.arpa", target: "db-0.db.shop.svc.cluster.local" }] }],
  ["9.9.9.9.in-addr.arpa", "PTR", { kind: "refused" }],
  ["web.shop.svc.cluster.local", "PTR", { kind: "found", records: [] }],
  ["no.shop.svc.cluster.local", "A", { kind: "missing" }],
  ["example.com.shop.svc.cluster.local", "A", { kind: "missing" }],
  ["cluster.local", "A", { kind: "missing" }],
  ["no", "A", { kind: "missing" }],
  ["example.com", "A", { kind: "refused" }],
  ["www.example.com", "A", { kind: "refused" }],
];

for (const [name, type, expected] of answers) {
  test(`DNS: ${name} ${type} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(answerQuestion({ name, type }, view), expected);
  });
}

test("a pod asks the cluster first and two of the machine's servers after", () => {
  assert.equal(printResolvConf({ namespace: "shop", server: "127.96.0.10", others: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] }),
    "nameserver 127.96.0.10\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n");
});
