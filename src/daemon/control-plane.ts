import { Aggregation } from "../api/aggregation/aggregation.ts";
import { requestHeaderCaKey, requestHeaderData } from "../api/aggregation/front-proxy.ts";
import { AccountTokens, defaultIssuer } from "../api/access/account-tokens.ts";
import { followAccess } from "../api/access/follow-access.ts";
import type { Grant } from "../api/access/role-index.ts";
import type { TokenKeys } from "../api/access/token-keys.ts";
import { TokenOwners } from "../api/access/token-owners.ts";
import { createAuthorizer, everything } from "../api/authorizer.ts";
import { bootstrapCluster } from "../api/bootstrap.ts";
import type { Client } from "../api/client.ts";
import { readStored } from "../api/encode.ts";
import { Fairness } from "../api/fairness/fairness.ts";
import { followFlows, readFlows } from "../api/fairness/follow-flows.ts";
import type { Pki } from "../api/http/pki.ts";
import { requestsMax } from "../api/http/limits.ts";
import type { NodeConnections } from "../api/nodes.ts";
import { createVerbs } from "../api/pipeline.ts";
import type { Outside } from "../api/questions.ts";
import { createReservations, defaultReservations } from "../api/reservations.ts";
import type { ReservationOptions } from "../api/reservations.ts";
import type { AccessAttributes, Authorizer, Verbs } from "../api/verbs.ts";
import type { Controller } from "../control/controller.ts";
import { grantsOfControllers } from "../control/rules-of-controller.ts";
import { runControllers } from "../control/runner.ts";
import type { ControllerRun } from "../control/runner.ts";
import { createControllers } from "../controllers.ts";
import type { SignRequest } from "../controllers/certificate-signing/controller.ts";
import type { ApiServiceOptions } from "../controllers/api-service/controller.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { APIService } from "../model/generated/apiregistration-v1.ts";
import { apiVersionOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { Reconciler, reconcilerUser } from "../reconcile/reconciler.ts";
import type { Renderer } from "../render/render.ts";
import { createSchedulerController } from "../scheduler/controller.ts";
import { keepCompacted } from "../store/compaction.ts";
import type { Store } from "../store/store.ts";
import type { Repositories } from "../world/repositories.ts";
import type { World } from "../world/world.ts";

/** The version of Kubernetes whose API is served, as charts see it. */
export const kubeVersion = "v1.33.0";

/** What Git does in a hosted repository, as the authoriser is asked: no right to the Repository object itself comes with it. */
export function gitAccess(repository: string, action: "read" | "write"): AccessAttributes {
  return { verb: action === "write" ? "update" : "get", group: "capstan.dev", resource: "repositories", subresource: "git", name: repository };
}

/** The API on a store, before anything uses it. */
export interface ClusterApi {
  readonly store: Store;
  readonly world: World;
  readonly verbs: Verbs;
  readonly authorizer: Authorizer;
  readonly controllers: readonly Controller[];
  /** Who works and who waits at the API's edge. */
  readonly fairness: Fairness;
  /** Every way to know a token; parts that come up later add theirs. */
  readonly tokenOwners: TokenOwners;
  readonly accountTokens?: AccountTokens;
  /** What other servers answer for; absent: nothing is. */
  readonly aggregation?: Aggregation;
  /** A client of one of the daemon's own parts. */
  client(user: string, ...groups: readonly string[]): Client;
}

/** What the API needs to have other servers answer for a part of it. */
export interface AggregationParts {
  readonly nodes: NodeConnections;
  /** What it shows them of itself, and the CA they know that by, PEM. */
  readonly frontProxy: Pki["frontProxy"];
  /** False while the daemon starts. */
  readonly isReady: () => boolean;
}

/** What makes one cluster differ from another. */
export interface ClusterOptions {
  /** Tells this daemon's Service addresses from those of others on the machine. */
  readonly serviceSeed?: string;
  /** What tokens of ServiceAccounts are signed with, the CA pods check the API with, and who signs with it; absent: accounts have no tokens. */
  readonly identity?: { readonly keys: TokenKeys; readonly issuer: string; readonly ca: string; readonly api?: ApiServiceOptions; readonly sign?: SignRequest; readonly aggregation?: AggregationParts };
  /** Asks webhooks; absent: they cannot be asked. */
  readonly outside?: Outside;
}

/** Opens the API and makes the namespaces and roles every cluster has. */
export async function openClusterApi(store: Store, world: World, { serviceSeed, identity, outside }: ClusterOptions = {}): Promise<ClusterApi> {
  const accountTokens = identity === undefined ? undefined : new AccountTokens({ keys: identity.keys, issuer: identity.issuer, world, read: (kind, ref) => readStored(store, kind, ref) });
  const tokenOwners = new TokenOwners(identity?.issuer ?? defaultIssuer);
  if (accountTokens !== undefined) tokenOwners.add(accountTokens);
  const elsewhere: { aggregation?: Aggregation } = {};
  const parts = identity?.aggregation;
  const controllers = [...createControllers(kinds, identity === undefined || accountTokens === undefined ? undefined : {
    ca: identity.ca, issueLegacy: (account, secret) => accountTokens.issueLegacy(account, secret), ...(identity.api === undefined ? {} : { api: identity.api }),
    ...(identity.sign === undefined ? {} : { sign: identity.sign }),
    ...(parts === undefined ? {} : { aggregation: {
      isReady: parts.isReady, requestHeader: { ...requestHeaderData, [requestHeaderCaKey]: parts.frontProxy.ca },
      probe: async (service: APIService) => elsewhere.aggregation?.probe(service),
      emptyElsewhere: async (namespace: string) => await elsewhere.aggregation?.emptyNamespace(namespace) ?? { left: [], unknown: [], failure: undefined },
    } }),
  }), createSchedulerController()];
  const authorizer = createAuthorizer({ rules: [...ownGrants, ...grantsOfControllers(controllers)], store });
  const verbs = createVerbs({
    store, world, authorizer, reservations: reservationsFor(serviceSeed),
    reviewToken: (token, audiences) => tokenOwners.find(token, audiences), ...(accountTokens === undefined ? {} : { accountTokens }),
    ...(outside === undefined ? {} : { outside }),
  });
  const aggregation = parts === undefined ? undefined : new Aggregation({ store, world, kinds: verbs.kinds, nodes: parts.nodes, identity: parts.frontProxy.client });
  if (aggregation !== undefined) elsewhere.aggregation = aggregation;
  const client = (user: string, ...groups: readonly string[]): Client => verbs.client({ name: user, groups: ["system:authenticated", ...groups] });
  await bootstrapCluster(client(daemonUser), { serviceBlock: defaultReservations.serviceBlock });
  const fairness = new Fairness({ clock: world.clock, seatsMax: requestsMax, objects: readFlows(store) });
  return { store, world, verbs, authorizer, controllers, fairness, tokenOwners, ...(accountTokens === undefined ? {} : { accountTokens }), ...(aggregation === undefined ? {} : { aggregation }), client };
}

/** The pools of this daemon's Services. */
function reservationsFor(seed: string | undefined): ReservationOptions {
  return { ...defaultReservations, ...(seed === undefined ? {} : { seed }) };
}

/** The address of the API's own Service: the first of the pool, the same at every start. */
export function apiServiceAddress(serviceSeed: string): string {
  return createReservations(reservationsFor(serviceSeed)).addresses.at(0);
}

/** What a control plane works with; the simulation gives other parts, the code is the same. */
export interface ControlPlaneParts {
  readonly api: ClusterApi;
  readonly jobs: Jobs;
  readonly repositories: Repositories;
  readonly renderer: Renderer;
}

/** Controllers, scheduler and GitOps loop at work. */
export interface ControlPlane {
  readonly reconciler: Reconciler;
  /** Resolves when caches are filled and controllers work. */
  readonly ready: Promise<void>;
  /** Resolves after an abort, when everything has ended. */
  readonly stopped: Promise<void>;
  /** The controllers' queues in numbers. */
  readonly queues: ControllerRun["queues"];
}

/** The daemon itself: it bootstraps the cluster, and reads what its parts are told. */
export const daemonUser = "system:capstan:daemon";

/** Starts everything that watches and decides, until the signal aborts. */
export function startControlPlane({ api, jobs, repositories, renderer }: ControlPlaneParts, signal: AbortSignal): ControlPlane {
  const { store, world } = api;
  const client = (user: string): Client => api.client(user);
  const reconciler = new Reconciler({
    client: client(reconcilerUser), clientAs: (user) => api.verbs.client(user, "capstan-reconciler"), repositories, renderer, jobs, world, kinds: api.verbs.kinds,
    capabilities: { kubeVersion, get apiVersions() { return apiVersionsOf(api.verbs.kinds.all); } },
  });
  const run = runControllers({ controllers: [...api.controllers, reconciler.controller], clientFor: client, world, served: api.verbs.kinds, signal });
  void followAccess(api.authorizer, store, { world, signal });
  void api.verbs.followDefinitions(signal);
  void api.aggregation?.follow(signal);
  void followFlows(api.fairness, store, { world, signal });
  void keepCompacted(store, { world, signal });
  const ready = run.ready.then(() => { if (!signal.aborted) reconciler.start(); });
  return { reconciler, ready, stopped: run.stopped, queues: () => run.queues() };
}

/** Versions and kinds as charts ask for them: `apps/v1`, `apps/v1/Deployment`. */
function apiVersionsOf(all: readonly Kind[]): readonly string[] {
  return [...new Set(all.flatMap((kind) => [apiVersionOf(kind), `${apiVersionOf(kind)}/${kind.kind}`]))];
}

/** What the daemon's own parts may do, beyond what controllers declare. */
const ownGrants: readonly Grant[] = [
  { subject: { user: reconcilerUser }, rules: everything },
  { subject: { user: daemonUser }, rules: everything },
];
