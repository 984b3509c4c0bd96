import { request } from "node:https";
import { Agent } from "node:https";
import { connect } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CustomResourceDefinitionKind } from "../../src/model/kinds/api-extensions.ts";
import { hasOwnObjects } from "../../src/model/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { openAsker } from "../api/asker.ts";
import { startLoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";
import { requestOf, validObject } from "./requests.ts";
import type { FuzzRequest } from "./requests.ts";
import { routesOf } from "./routes.ts";
import type { Route } from "./routes.ts";

/** Requests at once. */
const inflightMax = 8;

/** A request without an answer after this hangs: the slowest wait of the API, for a revision that does not come, takes three seconds. */
const answerMaxMs = 20_000;

/** A stream is left after this. */
const streamMs = 20;

/** Between these many requests what they made is swept away: objects of admission would otherwise refuse all others. */
const sweepEvery = 500;

/** What a run found. */
export interface FuzzReport {
  readonly requests: number;
  /** How often each status code was answered; 0 where the server rightly hung up. */
  readonly codes: ReadonlyMap<number, number>;
  /** Requests that were answered with an error of the server's own, or not at all. */
  readonly wrong: readonly string[];
  /** Bytes of the heap after a collection, near the beginning and at the end; everything made in between is swept away. */
  readonly heapBytes: { readonly early: number; readonly late: number };
}

/** What to run. */
export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** The first number: a single one is replayed with `first` and `requests: 1`. */
  readonly first?: number;
  /** Told of how far the run is. */
  readonly onProgress?: (done: number) => void;
}

/** Sends random and mutated requests to a whole API over TLS, and watches for what must never happen. */
export async function fuzz({ seed, requests, first = 0, onProgress = () => {} }: FuzzOptions): Promise<FuzzReport> {
  const edge = await startLoopbackEdge();
  const agent = new Agent({ keepAlive: true, maxSockets: inflightMax });
  const codes = new Map<number, number>();
  const wrong: string[] = [];
  const surprises: unknown[] = [];
  const onSurprise = (error: unknown) => { surprises.push(error); };
  process.on("uncaughtException", onSurprise).on("unhandledRejection", onSurprise);
  const early = Math.floor(requests / 5);
  let earlyBytes = 0;
  try {
    const routes = await routesFor(edge);
    await plant(edge);
    let next = first;
    for (let done = 0; done < requests;) {
      const round = Math.min(sweepEvery, requests - done, done < early ? early - done : Number.POSITIVE_INFINITY);
      const end = next + round;
      await Promise.all(Array.from({ length: inflightMax }, async () => {
        while (next < end) {
          const number = next++;
          const asked = requestOf(seed, number, routes);
          const { code, text } = await send(edge, agent, asked);
          codes.set(code, (codes.get(code) ?? 0) + 1);
          if (code === 500 || code === 501 || code === 502 || code < 0) wrong.push(`request ${number} of seed ${seed}: ${asked.method} ${asked.path.slice(0, 200)} (${asked.headers["content-type"] ?? ""}) is answered ${code} ${text.slice(0, 300)}`);
        }
      }));
      done += round;
      await sweep(edge);
      await plant(edge);
      if (done === early) earlyBytes = collectedHeap();
      onProgress(done);
    }
    return { requests, codes, wrong: [...wrong, ...surprises.map((error) => `nobody caught ${error instanceof Error ? error.stack : String(error)}`)], heapBytes: { early: earlyBytes, late: collectedHeap() } };
  } finally {
    process.off("uncaughtException", onSurprise).off("unhandledRejection", onSurprise);
    agent.destroy();
    await edge.close();
  }
}

async function routesFor(edge: LoopbackEdge): Promise<readonly [Route, ...Route[]]> {
  const asker = openAsker(edge);
  await asker.ask("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(definition) });
  const status = { conditions: ["NamesAccepted", "Established"].map((type) => ({ type, status: "True", reason: "Test", message: "" })), acceptedNames: definition.spec.names, storedVersions: ["v1"] };
  await asker.ask(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}/status`, { method: "PATCH", headers: { "content-type": "application/merge-patch+json" }, body: JSON.stringify({ status }) });
  const [head, ...rest] = await routesOf(asker, edge.verbs.kinds.all);
  asker.close();
  if (head === undefined) throw new Error("discovery tells of nothing");
  return [head, ...rest];
}

/** A definition with something of everything a schema can say. */
const definition = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "things.example.org" },
  spec: {
    group: "example.org", scope: "Namespaced", names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
    versions: [{
      name: "v1", served: true, storage: true, subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
      additionalPrinterColumns: [{ name: "Text", type: "string", jsonPath: ".spec.text" }],
      schema: { openAPIV3Schema: { type: "object", properties: {
        spec: { type: "object", required: ["replicas"], properties: {
          replicas: { type: "integer", minimum: 0, default: 1 }, text: { type: "string", pattern: "^(a|x)+$", nullable: true, maxLength: 50 }, any: { "x-kubernetes-preserve-unknown-fields": true },
          port: { "x-kubernetes-int-or-string": true }, list: { type: "array", maxItems: 20, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["key"], items: { type: "object", required: ["key"], properties: { key: { type: "string", maxLength: 20 } } } },
        }, "x-kubernetes-validations": [{ rule: "self.replicas < 100", message: "too many" }] },
        status: { type: "object", properties: { replicas: { type: "integer" } } },
      } } },
    }],
  },
};

/** Takes away what the requests made: most kinds' objects, their finalizers first. What the cluster needs is kept. */
async function sweep(edge: LoopbackEdge): Promise<void> {
  for (const kind of edge.verbs.kinds.all.filter((one) => hasOwnObjects(one) && !keeps(one))) {
    for (const object of (await edge.admin.list(kind)).items) {
      const { name, namespace = "" } = object.metadata;
      if (name === definition.metadata.name || namespace === "kube-system" || name === "kubernetes" || name.startsWith("system:")) continue;
      const ref = { name, namespace };
      if ((object.metadata.finalizers ?? []).length > 0) await edge.admin.patch(kind, ref, { type: "merge", body: { metadata: { finalizers: null } } }).catch(() => undefined);
      await edge.admin.remove(kind, ref, { gracePeriodSeconds: 0 }).catch(() => undefined);
      if (kind === CustomResourceDefinitionKind) await edge.admin.patch(kind, ref, { type: "merge", body: { metadata: { finalizers: null } } }).catch(() => undefined);
    }
  }
  await edge.store.compact(edge.store.revision);
}

/** One object of every kind, for what is only looked at where there is one. Objects of admission stay out of the others' way. */
async function plant(edge: LoopbackEdge): Promise<void> {
  for (const kind of edge.verbs.kinds.all.filter((one) => hasOwnObjects(one) && !keeps(one) && one.group !== "admissionregistration.k8s.io")) {
    await edge.verbs.create({ user: { name: "fuzz", groups: ["system:masters"] } }, kind, kind.namespaced ? "default" : "", validObject(kind, "a")).catch(() => undefined);
  }
}

const kept: ReadonlySet<string> = new Set(["Namespace", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "PriorityClass", "FlowSchema", "PriorityLevelConfiguration"]);

function keeps({ kind, verbs }: Kind): boolean {
  return kept.has(kind) || (verbs !== undefined && !verbs.includes("delete"));
}

interface Answered {
  /** 0: the server hung up where it may; -1: it did not answer. */
  readonly code: number;
  readonly text: string;
}

function send(edge: LoopbackEdge, agent: Agent, asked: FuzzRequest): Promise<Answered> {
  return asked.manner === "whole" ? sendWhole(edge, agent, asked) : sendOddly(edge, asked);
}

function sendWhole({ server, pki }: LoopbackEdge, agent: Agent, { method, path, headers, body, isStream }: FuzzRequest): Promise<Answered> {
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    const started = () => request({ host: "127.0.0.1", port: server.port, path, method, headers: { ...length, ...headers }, ca: pki.ca, agent, ...pki.admin }, (answer) => {
      const code = answer.statusCode ?? -1;
      const finish = (text: string) => { clearTimeout(timer); resolve({ code, text }); };
      let text = "";
      answer.on("data", (chunk: Buffer) => { if (text.length < 400) text += chunk.toString(); });
      answer.on("end", () => { finish(text); });
      answer.on("error", () => { finish(text); });
      if (isStream && code < 300) setTimeout(() => { sent.destroy(); finish(text); }, streamMs);
    });
    let sent: ReturnType<typeof started>;
    const timer = setTimeout(() => { resolve({ code: -1, text: `nothing after ${answerMaxMs} ms` }); sent.destroy(); }, answerMaxMs);
    try {
      sent = started();
    } catch (error) {
      // Node's own client does not send everything.
      clearTimeout(timer);
      resolve({ code: 0, text: String(error) });
      return;
    }
    // A body over the limit is answered before it was read: the client may find the connection closed first.
    sent.on("error", (error: NodeJS.ErrnoException) => { clearTimeout(timer); resolve({ code: error.code === "EPIPE" || error.code === "ECONNRESET" ? 0 : -1, text: String(error) }); });
    sent.on("upgrade", (answer, socket) => { socket.destroy(); clearTimeout(timer); resolve({ code: answer.statusCode ?? 0, text: "" }); });
    sent.end(body);
  });
}

/** On a connection of its own, as no HTTP library would send it. */
function sendOddly({ server, pki }: LoopbackEdge, { method, path, headers, body = new Uint8Array(0), manner }: FuzzRequest): Promise<Answered> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: server.port, ca: pki.ca, ...pki.admin, ALPNProtocols: ["http/1.1"] }, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const length = manner === "raw" ? [] : [`content-length: ${body.length}`];
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${[...length, ...lines].join("\r\n")}\r\n\r\n`);
      if (manner === "raw") socket.write("\u0000\u0001 odd\r\n\r\n");
      const half = Math.floor(body.length / 2);
      socket.write(body.subarray(0, half));
      if (manner === "cut") socket.end();
      else setTimeout(() => { socket.end(body.subarray(half)); }, streamMs);
    });
    let text = "";
    const timer = setTimeout(() => { socket.destroy(); resolve({ code: 0, text: "" }); }, 100 * streamMs);
    socket.on("data", (chunk: Buffer) => { if (text.length < 400) text += chunk.toString("latin1"); });
    socket.on("error", () => {});
    socket.on("close", () => { clearTimeout(timer); resolve({ code: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text }); });
  });
}

/** Bytes of the heap that are in use. */
function collectedHeap(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
