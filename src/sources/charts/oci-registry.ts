import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { GitRemote } from "../git-driver.ts";
import { basicAuthorization } from "../git-environment.ts";
import { unauthorized } from "../git-complaint.ts";
import { isLoopback } from "../credentials.ts";
import { problem } from "../problem.ts";
import { readBody, RemoteError } from "../remote-http.ts";
import type { RemoteResponse } from "../remote-http.ts";
import { answerBytesMax, chartBytesMax, getRemote, readChecked } from "./chart-http.ts";
import type { FoundChart } from "./helm-repository.ts";
import { isExactVersion, pickVersion } from "./pick-version.ts";
import { mayHaveCredentials, readChallenge } from "./registry-auth.ts";

/** What Helm packs charts as. @see https://helm.sh/docs/topics/registries/ */
const chartLayerType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/** What Helm signs them with. */
const provenanceLayerType = "application/vnd.cncf.helm.chart.provenance.v1.prov";
const manifestType = "application/vnd.oci.image.manifest.v1+json";
/** Pages of tags read at most; each has up to a thousand. */
const tagPagesMax = 20;

/** `oci://HOST/PATH` as the origin of its API and the path there. An http registry is only asked where that was allowed. */
export function registryOf(url: string, isInsecure: boolean): { readonly origin: string; readonly path: string } {
  const parsed = new URL(url.replace(/^oci:/, "https:"));
  const scheme = isInsecure || isLoopback(parsed.hostname) ? "http" : "https";
  return { origin: `${scheme}://${parsed.host}`, path: parsed.pathname.replaceAll(/^\/+|\/+$/g, "") };
}

/** Finds a chart in an OCI registry: its tags are its versions. Throws RemoteError. */
export async function findInRegistry(remote: GitRemote, wanted: { readonly chart: string; readonly revision: string }, signal: AbortSignal): Promise<FoundChart> {
  const registry = new Registry(remote, wanted.chart);
  const { revision } = wanted;
  const isDigest = revision.startsWith("sha256:");
  const version = isDigest || isExactVersion(revision) ? revision : await registry.pick(revision, signal);
  const { layer, provenance, manifest } = await registry.manifest(isDigest ? revision : version.replaceAll("+", "_"), signal);
  const annotations = isJsonObject(manifest["annotations"]) ? manifest["annotations"] : {};
  const named = annotations["org.opencontainers.image.version"];
  const created = annotations["org.opencontainers.image.created"];
  return {
    version: isDigest && typeof named === "string" ? named : version, digest: layer, createdAtMs: (typeof created === "string" ? Date.parse(created) : 0) || 0,
    fetch: (later) => registry.blob(layer, later),
    fetchProvenance: async (later) => (provenance === undefined ? undefined : registry.blob(provenance, later)),
  };
}

/** One repository of a registry, with the token it was given. */
class Registry {
  readonly #remote: GitRemote;
  readonly #base: string;
  readonly #what: string;
  #authorization: string | undefined;

  constructor(remote: GitRemote, chart: string) {
    const { origin, path } = registryOf(remote.url, remote.insecure === true);
    this.#base = `${origin}/v2/${path === "" ? "" : `${path}/`}${chart}`;
    this.#what = `${remote.url}/${chart}`;
    // What is sent is chosen here, request by request.
    const { credentials: _own, ...bare } = remote;
    this.#remote = { ...bare, url: origin };
    this.#credentials = remote.credentials;
  }

  readonly #credentials: GitRemote["credentials"];

  async pick(revision: string, signal: AbortSignal): Promise<string> {
    const tags: string[] = [];
    let url: string | undefined = `${this.#base}/tags/list?n=1000`;
    for (let page = 0; url !== undefined && page < tagPagesMax; page++) {
      const response: RemoteResponse = await this.#get({ url, bytesMax: answerBytesMax, accept: "application/json" }, signal);
      if (response.status !== 200) throw new RemoteError(problem("NoSuchRepository", `${this.#what}: the registry answers with ${response.status} when asked for tags`));
      const answer = await this.#json(response);
      if (Array.isArray(answer["tags"])) for (const tag of answer["tags"] as readonly Json[]) if (typeof tag === "string") tags.push(tag.replaceAll("_", "+"));
      const next = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers["link"] ?? "")?.[1];
      url = next === undefined ? undefined : this.#ownUrl(next, url);
    }
    const version = pickVersion(tags, revision);
    if (version === undefined) throw new RemoteError(problem("NoSuchRevision", `${this.#what}: no tag is a version ${revision}; the newest is ${pickVersion(tags, "*") ?? "none"}`));
    return version;
  }

  async manifest(reference: string, signal: AbortSignal): Promise<{ readonly manifest: JsonObject; readonly layer: string; readonly provenance: string | undefined }> {
    const response = await this.#get({ url: `${this.#base}/manifests/${reference}`, bytesMax: answerBytesMax, accept: manifestType }, signal);
    if (response.status !== 200) throw new RemoteError(problem("NoSuchRevision", `${this.#what}: the registry has no ${reference} (it answers with ${response.status})`));
    const promised = reference.startsWith("sha256:") ? reference : response.headers["docker-content-digest"] ?? "";
    const bytes = await readChecked(response, { what: `${this.#what}:${reference}`, digest: promised.replace(/^sha256:/, "") });
    const manifest = this.#parse(new TextDecoder().decode(bytes));
    const layers = Array.isArray(manifest["layers"]) ? (manifest["layers"] as readonly Json[]).filter(isJsonObject) : [];
    const digestOf = (type: string): string | undefined => {
      const digest = layers.find((layer) => layer["mediaType"] === type)?.["digest"];
      return typeof digest === "string" ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
    };
    const layer = digestOf(chartLayerType);
    if (layer === undefined) throw new RemoteError(problem("NotAllowed", `${this.#what}:${reference} is no Helm chart: it has no layer of type ${chartLayerType}`));
    return { manifest, layer, provenance: digestOf(provenanceLayerType) };
  }

  async blob(digest: string, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.#get({ url: `${this.#base}/blobs/sha256:${digest}`, bytesMax: chartBytesMax, accept: "*/*", isDigestKnown: true }, signal);
    if (response.status !== 200) throw new RemoteError(problem("NoSuchRevision", `${this.#what}: the registry has no blob sha256:${digest} (it answers with ${response.status})`));
    return readChecked(response, { what: this.#what, digest });
  }

  /** Asks; where the registry wants to know who asks, tells it and asks again. */
  async #get(asked: { readonly url: string; readonly bytesMax: number; readonly accept: string; readonly isDigestKnown?: boolean }, signal: AbortSignal): Promise<RemoteResponse> {
    const send = (): Promise<RemoteResponse> => getRemote({
      remote: this.#remote, url: asked.url, bytesMax: asked.bytesMax, isDigestKnown: asked.isDigestKnown === true, passesUnauthorized: true,
      headers: { accept: asked.accept, ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }) },
    }, signal);
    const first = await send();
    if (first.status !== 401) return first;
    this.#authorization = await this.#authorize(first.headers["www-authenticate"] ?? "", signal);
    const second = await send();
    if (second.status === 401) throw this.#unauthorized();
    return second;
  }

  async #authorize(header: string, signal: AbortSignal): Promise<string> {
    const challenge = readChallenge(header, this.#remote.url);
    if (challenge === undefined || (challenge.kind === "basic" && this.#credentials === undefined)) throw this.#unauthorized();
    if (challenge.kind === "basic") return this.#credentials === undefined ? "" : basicAuthorization(this.#credentials);
    const isTrusted = this.#credentials !== undefined && mayHaveCredentials(this.#remote.url, challenge.url);
    const remote: GitRemote = { ...this.#remote, url: challenge.url, ...(isTrusted && this.#credentials !== undefined ? { credentials: this.#credentials } : {}) };
    const response = await getRemote({ remote, url: challenge.url, bytesMax: answerBytesMax, headers: { accept: "application/json" } }, signal);
    const answer = await this.#json(response);
    const token = answer["token"] ?? answer["access_token"];
    if (typeof token !== "string") throw this.#unauthorized();
    return `Bearer ${token}`;
  }

  #ownUrl(next: string, from: string): string | undefined {
    const url = new URL(next, from);
    return url.origin === this.#remote.url ? url.href : undefined;
  }

  async #json(response: RemoteResponse): Promise<JsonObject> {
    return this.#parse(new TextDecoder().decode(await readBody(response.body)));
  }

  #parse(text: string): JsonObject {
    try {
      const value: unknown = JSON.parse(text);
      if (isJsonObject(value)) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new RemoteError(problem("Damaged", `${this.#what}: the registry answers with something else than JSON; check that it is an OCI registry`));
  }

  #unauthorized(): RemoteError {
    return new RemoteError(unauthorized({ url: this.#what, hasCredentials: this.#credentials !== undefined }));
  }
}
