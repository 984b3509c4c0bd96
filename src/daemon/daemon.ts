import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Agent } from "../agent/agent.ts";
import { defaultIssuer } from "../api/access/account-tokens.ts";
import { bootstrapTokens } from "../api/access/bootstrap-tokens.ts";
import { staticTokens } from "../api/access/static-tokens.ts";
import { parseTokenKeys } from "../api/access/token-keys.ts";
import { plainSource } from "../api/access/token-owners.ts";
import { readStored } from "../api/encode.ts";
import type { NodeConnections } from "../api/nodes.ts";
import type { RequestToSign } from "../api/http/certificates.ts";
import { openPki, signWithCa } from "../api/http/pki.ts";
import { HttpsOutside } from "../api/webhooks/https-outside.ts";
import { TokenIndex } from "../api/http/tokens.ts";
import { createRenderer } from "../render/renderer.ts";
import { embeddedEngine } from "../store/engines.ts";
import { setHaste } from "../world/real/engine-pace.ts";
import { openFileLog } from "../world/real/log.ts";
import type { Processes } from "../world/processes.ts";
import { startProcesses } from "../world/real/processes.ts";
import { realWorld } from "../world/real/world.ts";
import { ipFamilyOf } from "../value/ip.ts";
import type { World } from "../world/world.ts";
import { openAuditor } from "./audit.ts";
import { Closing } from "./closing.ts";
import { apiServiceAddress, daemonUser, openClusterApi, startControlPlane } from "./control-plane.ts";
import { gitUrlFile, seedDemo, writeGitUrl } from "./demo.ts";
import { makeDataFolder } from "./data-folder.ts";
import { keepCertificates, writeAdminKubeconfig } from "./certificates.ts";
import { serveEdges } from "./edges.ts";
import type { Edges, ServedParts } from "./edges.ts";
import { startGit } from "./git.ts";
import type { GitLine } from "./git.ts";
import { startLocalNode } from "./local-node.ts";
import { openOidc } from "./oidc.ts";
import { readTokenFile } from "./token-file.ts";
import { openQueue } from "./queue.ts";
import { openSecretKeys } from "./secret-keys.ts";
import { explainStart } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** A daemon that serves. */
export interface Daemon {
  /** What a person needs to know, a line each. */
  readonly announcement: readonly string[];
  /** Begins to stop, once. */
  stop(): void;
  /** Resolves when everything has ended; pods run on. */
  readonly stopped: Promise<void>;
}

/** Starts everything in floor order. What was started when something fails is stopped again. */
export async function startDaemon(settings: Settings, signal: AbortSignal): Promise<Daemon> {
  const { dataDirectory } = settings;
  setHaste("a long start", false);
  const isFirstStart = (await stat(join(dataDirectory, "store")).catch(() => undefined)) === undefined;
  await makeDataFolder(dataDirectory).catch((error: unknown) => { throw explainStart(error, settings); });
  const log = openFileLog(join(dataDirectory, "capstan.log"));
  const world = realWorld(log);
  const closing = new Closing(log);
  closing.add("log", () => { log.flush(); });
  // First of all: what starts it is copied, and is still small.
  const processes = startProcesses();
  closing.add("processes", () => processes.close());
  try {
    return await start({ settings, world, processes, closing, isFirstStart, signal });
  } catch (error) {
    log.error("the daemon did not start", { error });
    await closing.run();
    throw explainStart(error, settings);
  }
}

/** From so many objects on, reading them into the caches takes about a second in little memory, and half of that fast. */
const manyObjects = 5_000;

interface Start {
  readonly settings: Settings;
  readonly world: World;
  readonly processes: Processes;
  readonly closing: Closing;
  readonly isFirstStart: boolean;
  readonly signal: AbortSignal;
}

async function start({ settings, world, processes, closing, isFirstStart, signal }: Start): Promise<Daemon> {
  const startedMs = world.clock.monotonicMs();
  const life = new AbortController();
  const { dataDirectory } = settings;
  const auditor = await openAuditor(settings, world, closing);
  const seal = await openSecretKeys(settings.secretKeysFile, world);
  const store = await embeddedEngine.open({ directory: join(dataDirectory, "store"), world, seal });
  closing.add("store", () => store.close());
  setHaste("a long start", store.list("", { limit: 1 }).remaining >= manyObjects);
  const pkiOptions = { directory: join(dataDirectory, "pki"), hosts: [settings.listen.host, apiServiceAddress(dataDirectory)], world };
  const pki = await openPki(pkiOptions);
  const outside = new HttpsOutside(world);
  closing.add("webhooks", () => { outside.close(); });
  const listening: { port?: number } = {};
  const agents = new Map<string, Agent>();
  const state = { isReady: false };
  const nodes: NodeConnections = { of: (name) => agents.get(name)?.connection };
  const identity = {
    keys: await parseTokenKeys(pki.tokenKeys), issuer: settings.accountIssuer ?? defaultIssuer, ca: pki.ca,
    api: { clusterIP: apiServiceAddress(dataDirectory), endpoint: () => endpointOf(settings.listen.host, listening.port) },
    sign: (request: RequestToSign) => signWithCa(pkiOptions, request), aggregation: { nodes, frontProxy: pki.frontProxy, isReady: () => state.isReady },
  };
  const api = await openClusterApi(store, world, { serviceSeed: dataDirectory, outside, identity });
  const tokens = new TokenIndex(api.client(daemonUser), world);
  api.tokenOwners.add(bootstrapTokens((kind, ref) => readStored(store, kind, ref), world.clock));
  if (settings.tokenFile !== undefined) api.tokenOwners.add(staticTokens(await readTokenFile(settings.tokenFile)));
  if (settings.oidc !== undefined) api.tokenOwners.add(await openOidc(settings.oidc, world));
  api.tokenOwners.add(plainSource((token) => tokens.userOf(token)));
  const users = (token: string) => api.tokenOwners.userOf(token);
  const line: GitLine = { plane: undefined, sources: undefined, prewarm: () => {} };
  const starting = [openQueue(settings, world, closing), startGit({ dataDirectory, world, processes, api, closing, users }, line)] as const;
  // When one fails, the others are let come up first: what is still starting could not be stopped, and would keep the process alive.
  await Promise.allSettled(starting);
  const [queue, sources] = await Promise.all(starting);
  const renderer = createRenderer({ world, processes, bounds: settings.renderBounds });
  closing.add("renderer", () => renderer.close());
  const plane = startControlPlane({ api, jobs: queue.jobs, repositories: sources.repositories, renderer }, life.signal);
  closing.add("controllers", async () => { life.abort(new Error("the daemon stops")); await plane.stopped; });
  void tokens.run(life.signal);
  const parts: ServedParts = {
    ...(auditor === undefined ? {} : { auditor }), settings, world, api, plane, sources, queue, pki, closing, users, nodes, isReady: () => state.isReady,
  };
  const edges = await serveEdges(parts);
  listening.port = edges.api.port;
  sources.hosted?.setOrigins([edges.webAddress]);
  line.plane = plane;
  line.prewarm = () => { void renderer.prewarm(); };
  await plane.ready;
  const agent = await startLocalNode({ settings, world, processes, closing, client: api.client(`system:node:${settings.nodeName}`, "system:nodes") });
  agents.set(agent.nodeName, agent);
  if (sources.hosted !== undefined && (settings.demo ?? isFirstStart)) await seedDemo(sources.hosted, api.client(daemonUser));
  sources.poller.start();
  void renderer.prewarm();
  void keepCertificates(pki, pkiOptions, { edges, settings, world, signal: life.signal });
  const announcement = await announce(parts, edges);
  state.isReady = true;
  setHaste("a long start", false);
  world.log.info("the daemon is ready", { node: settings.nodeName, tookMs: Math.round(world.clock.monotonicMs() - startedMs) });
  const stopped = Promise.withResolvers<undefined>();
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    state.isReady = false;
    void closing.run().then(() => { stopped.resolve(undefined); }, stopped.reject);
  };
  signal.addEventListener("abort", stop, { once: true });
  return { stop, stopped: stopped.promise, announcement };
}

/** Where programs on this machine reach the API; undefined before it listens. */
function endpointOf(host: string, port: number | undefined): { readonly host: string; readonly port: number } | undefined {
  return port === undefined ? undefined : { host: ipFamilyOf(host) === undefined || anyAddresses.has(host) ? "127.0.0.1" : host, port };
}

/** Hosts that listen on every address, and are none. */
const anyAddresses: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Writes what clients need into the data directory, and says where it is. */
async function announce({ settings, api, world, sources, pki, queue }: ServedParts, edges: Edges): Promise<readonly string[]> {
  const kubeconfig = await writeAdminKubeconfig(settings, edges, pki);
  const hasDemo = sources.hosted !== undefined && await sources.hosted.has("demo");
  const gitUrl = hasDemo ? await writeGitUrl(gitUrlFile(settings.dataDirectory), edges.webAddress, api.client(daemonUser), world) : undefined;
  return [
    `dashboard   ${edges.webAddress}${edges.mintLogin()}`,
    ...(gitUrl === undefined ? [] : [`git         ${gitUrl}`]),
    `kubeconfig  ${kubeconfig}`,
    `running     ${settings.runtime === "auto" ? "process" : settings.runtime} runtime, ${embeddedEngine.description}, ${queue.description}`,
  ];
}
