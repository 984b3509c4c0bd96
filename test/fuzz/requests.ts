import type { Kind } from "../../src/model/kind.ts";
import { apiVersionOf } from "../../src/model/kind.ts";
import { sealObject } from "../../src/model/protobuf.ts";
import { isJsonObject } from "../../src/value/json.ts";
import type { Json, JsonObject } from "../../src/value/json.ts";
import { printYaml } from "../../src/value/print-yaml.ts";
import { filledObject } from "../api/schema-objects.ts";
import { samplesOf } from "../golden/samples.ts";
import { diceOf } from "./dice.ts";
import type { Dice } from "./dice.ts";
import { flip, mutate, nastyPatch, nastyYaml, printNasty } from "./mutations.ts";
import type { Route } from "./routes.ts";

/** One request as the fuzzer sends it. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** `cut`: the body ends before its length does; `slow`: in pieces; `raw`: `path` and headers stand on the wire as they are. */
  readonly manner: "whole" | "cut" | "slow" | "raw";
  readonly isStream: boolean;
}

/** The largest body that is taken: a few requests stand at this edge. */
const bodyEdgeBytes = 3_145_728;

const names = ["a", "a", "a", "a", "a", "a", "a", "a", "a", "b", "b", "sample", "full", "default", "kubernetes", "A_B", "x".repeat(300), "a.b", "%2e%2e", "%00", "%ff", "ü", "a:80", "http:a:x", "-"] as const;
const namespaces = ["default", "default", "default", "default", "kube-system", "none", "A", "x".repeat(70)] as const;
const accepts = [
  "application/json", "*/*", "application/yaml", "application/vnd.kubernetes.protobuf,application/json", "application/vnd.kubernetes.protobuf", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "text/html",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", ",;=,q=;;", "application/json;q=0.0001;q=nan", "a".repeat(3_000), "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
] as const;
const parameters: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ["limit", ["1", "0", "-1", "2", "x", "99999999999999999999", ""]], ["continue", ["", "x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJhXHUwMDAwIn0", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiLi4ifQ", "bnVsbA"]],
  ["resourceVersion", ["0", "1", "5", "-1", "x", "1e3", ""]], ["resourceVersionMatch", ["Exact", "NotOlderThan", "x", ""]], ["labelSelector", ["a=b", "a in (b,c)", "!a", "a>1", "a in b", "=", "(".repeat(500), "a=".repeat(500), ","]],
  ["fieldSelector", ["metadata.name=a", "metadata.namespace!=default", "spec.nodeName=", "x=y", "a", "a=b=c", "\\", ""]], ["watch", ["true", "0", "x"]], ["allowWatchBookmarks", ["true", "false"]], ["sendInitialEvents", ["true", "false", ""]],
  ["dryRun", ["All", "All", "All", "None", ""]], ["fieldManager", ["m", "x".repeat(200), "\u0000", "ü"]], ["fieldValidation", ["Strict", "Warn", "Ignore", "x"]], ["force", ["true", "false", "x"]], ["pretty", ["true"]],
  ["gracePeriodSeconds", ["0", "-1", "30", "x", "1e9"]], ["propagationPolicy", ["Orphan", "Foreground", "Background", "x"]], ["orphanDependents", ["true", "false"]], ["includeObject", ["None", "Object", "Metadata", "x"]],
  ["tailLines", ["1", "-1", "x"]], ["follow", ["true"]], ["container", ["a", ""]], ["sinceTime", ["x", "2026-01-01T00:00:00Z"]], ["command", ["sh"]], ["stdin", ["true"]], ["ports", ["80", "x"]], ["hash", ["x"]], ["%", ["%zz"]], ["__proto__", ["x"]],
];

/** Makes the request of a number: the same seed and number make the same one. */
export function requestOf(seed: number, number: number, routes: readonly [Route, ...Route[]]): FuzzRequest {
  const dice = diceOf(seed * 1_000_003 + number);
  const route = dice.pick(routes);
  const method = dice.oneIn(30) ? dice.pick(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]) : route.method;
  const query = queryOf(dice, route);
  const path = `${encodeURI(decodeURI(safe(route.path.split("?")[0] ?? "")).replace("{namespace}", dice.pick(namespaces)).replace("{name}", dice.pick(names))).replaceAll("%25", "%")}${query === "" ? "" : `?${query}`}`;
  const { type, body } = method === "GET" || method === "HEAD" || method === "OPTIONS" ? { type: undefined, body: undefined } : bodyOf(dice, route.kind, method);
  const headers = { ...headersOf(dice), ...(type === undefined ? {} : { "content-type": dice.oneIn(25) ? dice.pick(["text/html", "", "application/json; charset=latin1", "multipart/form-data; boundary=x", "application/vnd.kubernetes.protobuf"]) : type }) };
  return { method, path, headers, body, manner: mannerOf(dice, body), isStream: route.isStream || /[?&](watch|follow)=/.test(path) };
}

/** A path whose escapes are broken is left as it is. */
function safe(path: string): string {
  try { decodeURI(path); return path; } catch { return path.replaceAll("%", "%25"); }
}

function mannerOf(dice: Dice, body: Uint8Array | undefined): FuzzRequest["manner"] {
  if (body !== undefined && body.length > 1 && dice.oneIn(150)) return dice.pick(["cut", "slow"]);
  return dice.oneIn(150) ? "raw" : "whole";
}

function queryOf(dice: Dice, route: Route): string {
  const pairs = route.isStream && route.path.includes("watch") ? ["watch=1", "timeoutSeconds=1"] : [];
  for (let times = dice.oneIn(2) ? dice.below(4) : 0; times > 0; times--) {
    const [key, values] = parameters[dice.below(parameters.length)] ?? ["x", ["y"]];
    pairs.push(key === "%" ? "%=%zz" : `${encodeURIComponent(key)}=${encodeURIComponent(dice.pick(values))}`);
  }
  return pairs.join("&");
}

function headersOf(dice: Dice): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  if (dice.oneIn(6)) headers["accept"] = dice.pick(accepts);
  if (dice.oneIn(20)) headers["accept-encoding"] = dice.pick(["gzip", "br", "gzip;q=0", "*"]);
  if (dice.oneIn(60)) headers["impersonate-user"] = dice.pick(["jane", "", "system:masters", "system:serviceaccount:default:default", "\u00fc"]);
  if (dice.oneIn(80)) headers["impersonate-group"] = "system:masters";
  if (dice.oneIn(80)) headers["authorization"] = dice.pick(["Bearer x", "Bearer a.b.c", "Basic eA==", "Bearer ", `Bearer ${"x".repeat(20_000)}`]);
  if (dice.oneIn(40)) headers["user-agent"] = dice.pick(["kubectl/v1.33", "", "/", "x".repeat(9_000), "\u00e4/\u00f6"]);
  if (dice.oneIn(60)) headers["if-none-match"] = '"x"';
  if (dice.oneIn(60)) headers["content-encoding"] = dice.pick(["gzip", "identity"]);
  if (dice.oneIn(100)) headers["x-odd"] = "y".repeat(dice.below(30_000));
  if (dice.oneIn(100)) headers["expect"] = "100-continue";
  return headers;
}

const encoder = new TextEncoder();

function bodyOf(dice: Dice, kind: Kind | undefined, method: string): { readonly type: string; readonly body: Uint8Array } {
  if (dice.oneIn(400)) return { type: "application/json", body: new Uint8Array(bodyEdgeBytes + dice.below(3) - 1).fill(0x20) };
  const object = objectOf(dice, kind);
  if (method === "PATCH") {
    const { type, body } = nastyPatch(dice, object);
    return { type, body: encoder.encode(type.endsWith("yaml") && dice.oneIn(8) ? nastyYaml(dice) : printNasty(dice, body)) };
  }
  if (method === "DELETE" && dice.oneIn(2)) return { type: "application/json", body: encoder.encode(dice.oneIn(2) ? "" : printNasty(dice, mutate(dice, { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions: { uid: "u", resourceVersion: "1" }, dryRun: ["All"], gracePeriodSeconds: 0 }))) };
  const changed = dice.oneIn(4) ? object : mutate(dice, object);
  switch (dice.below(10)) {
    case 0: return { type: "application/yaml", body: encoder.encode(dice.oneIn(3) ? nastyYaml(dice) : yamlOf(changed)) };
    case 1: case 2: return { type: "application/vnd.kubernetes.protobuf", body: flip(dice, protobufOf(kind, changed)) };
    default: return { type: "application/json", body: encoder.encode(printNasty(dice, changed)) };
  }
}

function objectOf(dice: Dice, kind: Kind | undefined): JsonObject {
  if (kind === undefined) return { writes: [{ verb: "create", object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } } }] };
  const samples = kind.schema === undefined ? samplesOf(kind).valid : [];
  const sample: JsonObject = dice.oneIn(5) && kind.schema === undefined ? filledObject(kind, 4) : samples[dice.below(samples.length)] as unknown as JsonObject | undefined ?? customObject(kind);
  const metadata = isJsonObject(sample["metadata"]) ? sample["metadata"] : {};
  return { ...sample, metadata: { ...metadata, name: dice.pick(["a", "b", "sample"]), ...(kind.namespaced ? { namespace: "default" } : {}) } };
}

/** An object of the definition the fuzzer makes. */
function customObject(kind: Kind): JsonObject {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, spec: { replicas: 1, text: "x", list: [{ key: "a" }] } };
}

/** An object of a kind that is taken, under a name. */
export function validObject(kind: Kind, name: string): JsonObject {
  const sample: JsonObject = kind.schema === undefined ? samplesOf(kind).valid[0] as unknown as JsonObject : customObject(kind);
  const metadata = isJsonObject(sample["metadata"]) ? sample["metadata"] : {};
  return { ...sample, metadata: { ...(isJsonObject(metadata["labels"]) ? { labels: metadata["labels"] } : {}), name, ...(kind.namespaced ? { namespace: "default" } : {}) } };
}

function yamlOf(value: Json): string {
  try { return printYaml(value); } catch { return JSON.stringify(value); }
}

function protobufOf(kind: Kind | undefined, value: Json): Uint8Array {
  if (kind === undefined || kind.schema !== undefined || !isJsonObject(value)) return encoder.encode("k8s\0\n");
  try {
    return sealObject({ apiVersion: apiVersionOf(kind), kind: kind.kind, message: kind.message }, value);
  } catch {
    return encoder.encode("k8s\0");
  }
}
