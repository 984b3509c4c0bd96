import { createHash } from "node:crypto";
import { ApiError } from "../../model/api-error.ts";
import { asJson } from "../../value/json.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { printFamily } from "../metrics/families.ts";
import { accessDenied } from "../errors.ts";
import { passAggregated } from "./aggregated.ts";
import { bytesOf, documentAnswer, jsonAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions, servedVersions } from "./discovery.ts";
import type { ServedVersion } from "./discovery.ts";
import type { Edge } from "./edge.ts";
import { answerHealth, parseHealthPath } from "./health.ts";
import type { OpenApiV2Form } from "./openapi-v2-answer.ts";
import { chooseDiscovery, chooseDocumentEncoding, mediaTypes, notAcceptable, parseAccept } from "./media-type.ts";

/** The Kubernetes release whose API is served, for kubectl's version skew. */
export const kubernetesVersion = { major: "1", minor: "33", gitVersion: "v1.33.0+capstan" };

/**
 * What kubectl up to 1.28 asks for before it applies or explains; newer ones use OpenAPI v3. It was once asked for with an `@`, which is no media type to
 * those who read the answer's. @see kube-openapi pkg/handler
 */
const openApiV2MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const openApiV2MediaTypes: readonly string[] = [openApiV2MediaType, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"];

/** The documents of this file, and where each kind's and each group's begin. */
const ownPaths = ["/.well-known/openid-configuration", "/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"];

/** Answers a document that is no resource; undefined when there is none at the path. Throws ApiError. */
export async function answerDocument(edge: Edge, request: EdgeRequest, path: string): Promise<Answer | undefined> {
  const { user } = request.caller;
  const attributes = { verb: request.method.toLowerCase(), group: "", resource: "", path };
  if (!edge.authorizer.isAllowed(user, attributes)) throw accessDenied(user.name, attributes);
  if (request.method !== "GET" && request.method !== "HEAD") throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const health = parseHealthPath(path);
  if (health !== undefined) return answerHealth(health, edge.readiness(), request.query);
  switch (path) {
    case "/": return jsonAnswer({ paths: pathsOf(servedBy(edge)) });
    case "/version": return jsonAnswer(versionDocument());
    case "/metrics": return { kind: "body", code: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: bytesOf(`${edge.metrics.print()}${edge.families.map(printFamily).join("")}`) };
    case "/.well-known/openid-configuration": return answerIssuer(edge);
    case "/openid/v1/jwks": return answerTokenKeys(edge);
    case "/openapi/v3": return jsonAnswer(withRemoteOpenApi(await edge.openApi.index(), edge));
    default:
  }
  if (path === "/api" || path === "/apis" || path.startsWith("/api/") || path.startsWith("/apis/")) return answerDiscovery(edge, request, path);
  if (path === "/openapi/v2") return answerOpenApiV2(edge, request);
  if (path.startsWith("/openapi/v3/")) return answerOpenApi(edge, request, path.slice("/openapi/v3/".length));
  return undefined;
}

/** What is served here and by other servers. */
function servedBy({ kinds, aggregation }: Edge): readonly ServedVersion[] {
  if (aggregation === undefined) return servedVersions(kinds);
  return servedVersions(kinds, [...aggregation.routes].map((route) => ({ ...route, document: aggregation.documentOf(route) })));
}

/** What there is to read beside objects, as upstream's root lists it. */
function pathsOf(served: readonly ServedVersion[]): readonly string[] {
  const groups = served.flatMap(({ group, version }) => (group === "" ? [`/api/${version}`] : [`/apis/${group}`, `/apis/${group}/${version}`]));
  return [...new Set([...ownPaths, ...groups])].toSorted();
}

/** Where others find what to check tokens of ServiceAccounts with. @see OpenID Connect Discovery 1.0 section 4 */
function answerIssuer({ accountTokens, address }: Edge): Answer | undefined {
  return accountTokens === undefined ? undefined : jsonAnswer({
    issuer: accountTokens.issuer, jwks_uri: `https://${address()}/openid/v1/jwks`, response_types_supported: ["id_token"], subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...new Set(accountTokens.publicKeys.keys.flatMap(({ alg }) => alg ?? []))],
  });
}

function answerTokenKeys({ accountTokens }: Edge): Answer | undefined {
  return accountTokens === undefined ? undefined : jsonAnswer(asJson(accountTokens.publicKeys), { contentType: "application/jwk-set+json" });
}

function versionDocument(): JsonObject {
  return {
    ...kubernetesVersion, gitCommit: "", gitTreeState: "clean", buildDate: "", goVersion: "", compiler: "node", platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

function answerDiscovery(edge: Edge, request: EdgeRequest, path: string): Answer | undefined {
  const [root, group, version, ...more] = path.slice(1).split("/");
  if (more.length > 0 || (root !== "api" && root !== "apis")) return undefined;
  if (group === undefined) {
    const aggregated = aggregatedAnswer(edge, request, root);
    return aggregated ?? documentAnswer(root === "api" ? apiVersions(edge.address()) : apiGroupList(servedBy(edge)), chooseDocumentEncoding(request.accept));
  }
  const found = root === "api" ? (version === undefined ? apiResourceList(edge.kinds, "", group) : undefined)
    : version === undefined ? apiGroup(servedBy(edge), group) : apiResourceList(edge.kinds, group, version);
  return found === undefined ? undefined : documentAnswer(found, chooseDocumentEncoding(request.accept));
}

/**
 * The aggregated discovery, where the client takes it before any other form. The tag is of what it says, not of how it is written: `Vary` tells the encodings
 * apart. @see kubernetes apiserver pkg/endpoints/discovery/aggregated/etag.go
 */
function aggregatedAnswer(edge: Edge, { accept, ifNoneMatch }: EdgeRequest, root: "api" | "apis"): Answer | undefined {
  const form = chooseDiscovery(accept);
  if (form === undefined) return undefined;
  const { encoding, version } = form;
  const document = aggregatedDiscovery(servedBy(edge), root, version);
  const etag = `"${createHash("sha256").update(JSON.stringify(document)).digest("hex").toUpperCase()}"`;
  const contentType = `${mediaTypes[encoding]};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const headers = { "cache-control": "public", etag, vary: "Accept" };
  if (ifNoneMatch?.includes(etag) === true) return { kind: "body", code: 304, contentType, body: new Uint8Array(0), headers };
  const answer = documentAnswer(document, encoding);
  return answer.kind === "body" ? { ...answer, contentType, headers } : answer;
}

const jsonTypes: readonly string[] = ["application/json", "application/*", "*/*"];

/** In protobuf, which kubectl takes and breaks on the other. Its maker is read at the first use. */
const inProtobuf: OpenApiV2Form = {
  contentType: openApiV2MediaType,
  async make(kinds) {
    const { openApiV2Of } = await import("./openapi-v2.ts");
    return openApiV2Of(kinds, kubernetesVersion.gitVersion);
  },
};

const inJson: OpenApiV2Form = {
  contentType: "application/json",
  async make(kinds) {
    const { openApiV2JsonOf } = await import("./openapi-v2-json.ts");
    return openApiV2JsonOf(kinds, kubernetesVersion.gitVersion);
  },
};

async function answerOpenApiV2({ openApiV2, kinds }: Edge, request: EdgeRequest): Promise<Answer> {
  const types = parseAccept(request.accept).map(({ type }) => type);
  if (types.some((type) => openApiV2MediaTypes.includes(type))) return openApiV2.answer(kinds, inProtobuf, request.ifNoneMatch);
  if (!types.some((type) => jsonTypes.includes(type))) throw notAcceptable();
  return openApiV2.answer(kinds, inJson, request.ifNoneMatch);
}

/** The documents of other servers beside those made here. */
function withRemoteOpenApi(index: JsonObject, { aggregation }: Edge): JsonObject {
  if (aggregation === undefined) return index;
  const paths = isJsonObject(index["paths"]) ? index["paths"] : {};
  const remote = [...aggregation.routes].flatMap((route): readonly (readonly [string, JsonObject])[] => {
    const { openApi } = aggregation.documentOf(route);
    return openApi === undefined ? [] : [[`apis/${route.group}/${route.version}`, { serverRelativeURL: openApi }]];
  });
  return { ...index, paths: { ...paths, ...Object.fromEntries(remote) } };
}

async function answerOpenApi(edge: Edge, request: EdgeRequest, path: string): Promise<Answer | undefined> {
  const document = await edge.openApi.find(path);
  if (document === undefined) {
    const [root, group = "", version = "", ...more] = path.split("/");
    const route = root === "apis" && more.length === 0 ? edge.aggregation?.find(group, version) : undefined;
    return route === undefined ? undefined : passAggregated(edge, request, route);
  }
  if (!parseAccept(request.accept).some(({ type }) => type === "application/json" || type === "*/*" || type === "application/*")) throw notAcceptable();
  const hash = request.query.get("hash") ?? "";
  // Who knows an older content is sent to the one there is.
  if (hash !== "" && hash !== document.hash) return redirectTo(`/openapi/v3/${document.path}?hash=${document.hash}`);
  const etag = `"${document.hash}"`;
  // A hash in the query names this very content: it may be kept for good.
  const headers = { etag, vary: "Accept", ...(hash === document.hash ? { "cache-control": "public, immutable" } : {}) };
  if (request.ifNoneMatch?.includes(etag) === true) return { kind: "body", code: 304, contentType: "application/json", body: new Uint8Array(0), headers };
  return { kind: "body", code: 200, contentType: "application/json", body: document.bytes, headers };
}

function redirectTo(location: string): Answer {
  return { kind: "body", code: 301, contentType: "text/plain; charset=utf-8", body: new Uint8Array(0), headers: { location } };
}
