import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { AddressInfo, Server } from "node:net";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { decode, encode } from "dns-packet";
import { silentLog } from "../../world/log.ts";
import { realChance } from "../../world/real/chance.ts";
import { realClock } from "../../world/real/clock.ts";
import type { DnsView } from "./dns-records.ts";
import { serveDns } from "./dns-server.ts";
import type { ServiceListener } from "./service-table.ts";
import { TcpForwarder } from "./tcp-forwarder.ts";
import { UdpForwarder } from "./udp-forwarder.ts";

const world = { clock: realClock, chance: realChance, log: silentLog };

function fail(error: Error): never {
  throw error;
}

/** A server that says its name to whoever connects. */
async function namedServer(name: string, ip: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => { socket.end(name); });
  await new Promise<void>((resolve) => { server.listen(0, ip, resolve); });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port that was free a moment ago on this address. */
async function freePort(ip: string): Promise<number> {
  const { server, port } = await namedServer("", ip);
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/** What a server says; asked again while nobody listens, since the forwarder begins a moment after it is made. */
async function ask(ip: string, port: number): Promise<string> {
  for (;;) {
    const answer = await askOnce(ip, port);
    if (answer !== undefined) return answer;
  }
}

/** Undefined when the connection is refused. */
function askOnce(ip: string, port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, ip);
    socket.on("data", (chunk: Buffer) => { text += chunk.toString("utf8"); });
    socket.on("close", () => { resolve(text); });
    socket.on("error", (error: Error & { readonly code?: string }) => {
      if (error.code === "ECONNREFUSED") resolve(undefined);
      else reject(error);
    });
  });
}

function listenerOn(port: number, targets: ServiceListener["targets"], change: Partial<ServiceListener> = {}): ServiceListener {
  return { key: "k", service: "default/web", protocol: "TCP", ip: "127.97.0.1", port, targets, affinityMs: undefined, ...change };
}

test("connections go to the endpoints in turn, past those that refuse", async () => {
  const [a, b] = [await namedServer("a", "127.97.0.2"), await namedServer("b", "127.97.0.3")];
  const port = await freePort("127.97.0.1");
  const dead = { ip: "127.97.0.4", port: await freePort("127.97.0.4") };
  const forwarder = new TcpForwarder(listenerOn(port, [{ ip: "127.97.0.2", port: a.port }, dead, { ip: "127.97.0.3", port: b.port }]), { world, onFailure: fail });
  const answers: string[] = [];
  for (let i = 0; i < 9; i++) answers.push(await ask("127.97.0.1", port));
  assert.deepEqual([...new Set(answers)].toSorted(), ["a", "b"]);
  forwarder.update(listenerOn(port, [{ ip: "127.97.0.3", port: b.port }]));
  for (let i = 0; i < 3; i++) assert.equal(await ask("127.97.0.1", port), "b");
  forwarder.update(listenerOn(port, []));
  await assert.rejects(ask("127.97.0.1", port), /ECONNRESET/u);
  forwarder.close();
  for (const { server } of [a, b]) server.close();
});

test("an open connection outlives its endpoint's removal from the service", async () => {
  const echo = createServer((socket) => { socket.pipe(socket); });
  await new Promise<void>((resolve) => { echo.listen(0, "127.97.0.5", resolve); });
  const port = await freePort("127.97.0.1");
  const forwarder = new TcpForwarder(listenerOn(port, [{ ip: "127.97.0.5", port: (echo.address() as AddressInfo).port }]), { world, onFailure: fail });
  const socket = connect(port, "127.97.0.1");
  const next = () => new Promise<string>((resolve) => { socket.once("data", (chunk: Buffer) => { resolve(chunk.toString("utf8")); }); });
  socket.write("one");
  assert.equal(await next(), "one");
  forwarder.update(listenerOn(port, []));
  socket.write("two");
  assert.equal(await next(), "two");
  socket.destroy();
  forwarder.close();
  echo.close();
});

test("a client with session affinity stays with its endpoint", async () => {
  const [a, b] = [await namedServer("a", "127.97.0.2"), await namedServer("b", "127.97.0.3")];
  const port = await freePort("127.97.0.1");
  const forwarder = new TcpForwarder(listenerOn(port, [{ ip: "127.97.0.2", port: a.port }, { ip: "127.97.0.3", port: b.port }], { affinityMs: 60_000 }), { world, onFailure: fail });
  const first = await ask("127.97.0.1", port);
  for (let i = 0; i < 5; i++) assert.equal(await ask("127.97.0.1", port), first);
  forwarder.close();
  for (const { server } of [a, b]) server.close();
});

test("datagrams reach an endpoint and their answers come back", async () => {
  const echo = createSocket("udp4");
  echo.on("message", (bytes, from) => { echo.send(`re ${bytes.toString("utf8")}`, from.port, from.address); });
  await new Promise<void>((resolve) => { echo.bind(0, "127.97.0.6", resolve); });
  const port = await freePort("127.97.0.1");
  const forwarder = new UdpForwarder(listenerOn(port, [{ ip: "127.97.0.6", port: echo.address().port }], { protocol: "UDP" }), { world, onFailure: fail });
  const client = createSocket("udp4");
  const answer = await new Promise<string>((resolve) => {
    client.on("message", (bytes) => { resolve(bytes.toString("utf8")); });
    client.send("x", port, "127.97.0.1");
  });
  assert.equal(answer, "re x");
  client.close();
  forwarder.close();
  echo.close();
});

test("DNS answers by UDP and TCP, and refuses what is outside the cluster", async () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { clusterIP: "127.97.1.1" }, status: {} };
  const view: DnsView = { services: new Map([["shop/web", service]]), slices: [] };
  const dns = await serveDns({ address: "127.97.0.7", port: 0, view: () => view, world });
  const query = (name: string) => encode({ type: "query", id: 7, questions: [{ type: "A", name }] });
  const client = createSocket("udp4");
  const askUdp = (name: string) => new Promise<ReturnType<typeof decode>>((resolve) => {
    client.once("message", (bytes) => { resolve(decode(bytes)); });
    client.send(query(name), dns.port, dns.address);
  });
  const found = await askUdp("web.shop.svc.cluster.local");
  assert.deepEqual(found.answers?.map((answer) => ("data" in answer ? answer.data : undefined)), ["127.97.1.1"]);
  const [whole, desired, available] = [1 << 10, 1 << 8, 1 << 7];
  assert.equal(found.flags, whole | available, "nslookup asks the next server where recursion is not available");
  client.send(encode({ type: "query", id: 8, flags: desired, questions: [{ type: "A", name: "example.com" }] }), dns.port, dns.address);
  const refused = await new Promise<ReturnType<typeof decode>>((resolve) => { client.once("message", (bytes) => { resolve(decode(bytes)); }); });
  assert.equal(refused.flags, desired | 5, "what another server knows is not available here");
  const codeOf = async (name: string) => ((await askUdp(name)).flags ?? 0) & 15;
  assert.equal(await codeOf("no.shop.svc.cluster.local"), 3, "NXDOMAIN");
  assert.equal(await codeOf("example.com"), 5, "REFUSED");
  const overTcp = await new Promise<Buffer>((resolve) => {
    const socket = connect(dns.port, dns.address, () => {
      const bytes = query("web.shop");
      socket.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]));
    });
    socket.once("data", (chunk: Buffer) => { resolve(chunk); socket.destroy(); });
  });
  assert.equal(decode(overTcp.subarray(2)).answers?.length, 1);
  client.close();
  dns.close();
});
