import { join } from "node:path";
import type { Client } from "../../api/client.ts";
import { sha256 } from "../../value/digest.ts";
import type { FileTree } from "../../value/file-tree.ts";
import { RecentMap } from "../../value/recent-map.ts";
import type { RepositoryProblem, Revision, RevisionRequest } from "../../world/repositories.ts";
import { findKeyring, findRemote } from "../credentials.ts";
import { listFolder, makePrivateFolder, readBytes, removeFolder, writeBytes } from "../mirror-files.ts";
import { isProblem, problem } from "../problem.ts";
import { RemoteError } from "../remote-http.ts";
import { findInIndex, seenKey } from "./helm-repository.ts";
import type { FoundChart, SeenIndex } from "./helm-repository.ts";
import { findInRegistry } from "./oci-registry.ts";
import { verifyProvenance } from "./provenance.ts";
import type { VerifyTools } from "./provenance.ts";

/** Packages kept on disk, by digest; an application needs one, and its history a few. */
const packagesKeptMax = 200;

/** Indexes remembered: one for each chart that applications follow. */
const indexesKeptMax = 200;

/** Charts from repositories and registries: found by version, fetched once, kept by digest. */
export class ChartSource {
  readonly #client: Client;
  readonly #directory: string;
  readonly #verify: VerifyTools | undefined;
  readonly #seen = new RecentMap<string, SeenIndex>({ entriesMax: indexesKeptMax });
  /** Packages and keyrings that were found to belong together. */
  readonly #verified = new Set<string>();

  constructor(options: { readonly client: Client; readonly directory: string; readonly verify?: VerifyTools }) {
    this.#client = options.client;
    this.#directory = options.directory;
    this.#verify = options.verify;
  }

  /** The package a version means now, as a revision: its commit is the package's digest, its message the chart's name and version. The package is here afterwards. */
  async resolve(request: RevisionRequest & { readonly chart: string }, signal: AbortSignal): Promise<Revision | RepositoryProblem> {
    const { chart, repoURL, targetRevision } = request;
    const isRegistry = repoURL.startsWith("oci://");
    const remote = await findRemote(this.#client, request.namespace, repoURL);
    if (isProblem(remote)) return remote;
    const keyring = await findKeyring(this.#client, request.namespace, repoURL);
    if (isProblem(keyring)) return keyring;
    try {
      const found = isRegistry ? await findInRegistry(remote, { chart, revision: targetRevision }, signal) : await this.#findInIndex(remote, { chart, revision: targetRevision }, signal);
      const digest = await this.#bring(found, signal);
      const fault = keyring === undefined ? undefined : await this.#checkSignature(found, { keyring, chart, digest, repoURL }, signal);
      if (fault !== undefined) return fault;
      return { commit: digest, author: "", message: `${chart} ${found.version}`, committedAtMs: found.createdAtMs, parents: [] };
    } catch (error) {
      if (error instanceof RemoteError) return error.problem;
      throw error;
    }
  }

  /** The package of a revision resolved before, as a tree of one packed file: it is unpacked where it is rendered. */
  async read(repoURL: string, digest: string): Promise<FileTree | RepositoryProblem> {
    const bytes = await readBytes(this.#pathOf(digest));
    if (bytes === undefined || sha256(bytes) !== digest) return problem("Damaged", `${repoURL}: the chart package sha256:${digest} is not here any more and will be fetched again`);
    return { kind: "tree", digest: `sha256:${digest}`, files: new Map([["chart.tgz", bytes]]) };
  }

  async #findInIndex(remote: Parameters<typeof findInIndex>[0], wanted: { readonly chart: string; readonly revision: string }, signal: AbortSignal): Promise<FoundChart> {
    const key = seenKey(remote, wanted.chart);
    const { found, seen } = await findInIndex(remote, { ...wanted, seen: this.#seen.get(key) }, signal);
    this.#seen.set(key, seen);
    return found;
  }

  /** Fetches the package where it is not here yet; answers its digest. */
  async #bring(found: FoundChart, signal: AbortSignal): Promise<string> {
    if (found.digest !== "") {
      const here = await readBytes(this.#pathOf(found.digest));
      if (here !== undefined && sha256(here) === found.digest) return found.digest;
    }
    const bytes = await found.fetch(signal);
    const digest = sha256(bytes);
    await makePrivateFolder(this.#directory);
    await writeBytes(this.#pathOf(digest), bytes);
    const packages = (await listFolder(this.#directory)).filter((name) => name.endsWith(".tgz") && name !== `${digest}.tgz`);
    for (const name of packages.slice(0, Math.max(0, packages.length + 1 - packagesKeptMax))) await removeFolder(join(this.#directory, name));
    return digest;
  }

  /** What is wrong with a package's provenance, or undefined; what was found good once stays so. */
  async #checkSignature(found: FoundChart, { keyring, chart, digest, repoURL }: { readonly keyring: Uint8Array; readonly chart: string; readonly digest: string; readonly repoURL: string }, signal: AbortSignal): Promise<RepositoryProblem | undefined> {
    const key = `${sha256(keyring)} ${digest}`;
    if (this.#verified.has(key)) return undefined;
    const what = `chart ${chart} ${found.version} of ${repoURL}`;
    if (this.#verify === undefined) return problem("NotAllowed", `${what}: signatures cannot be checked here`);
    const provenance = await found.fetchProvenance(signal);
    if (provenance === undefined) return problem("NotAllowed", `${what}: it has no provenance file, and keyringSecretRef of its Repository asks for one; sign it with helm package --sign, or take keyringSecretRef away`);
    const signer = await verifyProvenance({ what, keyring, provenance, fileName: `${chart}-${found.version}.tgz`, digest }, this.#verify, signal);
    if (isProblem(signer)) return signer;
    this.#verify.world.log.info("a chart's signature is good", { chart, version: found.version, fingerprint: signer.fingerprint });
    if (this.#verified.size >= packagesKeptMax) this.#verified.clear();
    this.#verified.add(key);
    return undefined;
  }

  #pathOf(digest: string): string {
    return join(this.#directory, `${digest.replaceAll(/[^0-9a-f]/g, "")}.tgz`);
  }
}
