import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aggregation } from "../../../src/api/aggregation/aggregation.ts";
import { createAuthorizer } from "../../../src/api/authorizer.ts";
import { bootstrapCluster } from "../../../src/api/bootstrap.ts";
import type { Auditor } from "../../../src/api/audit/trail.ts";
import type { Client } from "../../../src/api/client.ts";
import { Fairness } from "../../../src/api/fairness/fairness.ts";
import { readFlows } from "../../../src/api/fairness/follow-flows.ts";
import { storageFamilies } from "../../../src/api/metrics/storage-metrics.ts";
import { createAuthenticator } from "../../../src/api/http/authentication.ts";
import { writeKubeconfig } from "../../../src/api/http/kubeconfig.ts";
import { requestsMax } from "../../../src/api/http/limits.ts";
import { openPki } from "../../../src/api/http/pki.ts";
import type { Pki } from "../../../src/api/http/pki.ts";
import { serveApi } from "../../../src/api/http/server.ts";
import type { ApiServer } from "../../../src/api/http/server.ts";
import { TokenIndex } from "../../../src/api/http/tokens.ts";
import type { NodeConnections } from "../../../src/api/nodes.ts";
import { createVerbs } from "../../../src/api/pipeline.ts";
import type { Verbs } from "../../../src/api/verbs.ts";
import { openMemoryStore } from "../../../src/store/engines/memory.ts";
import type { Store } from "../../../src/store/store.ts";
import { silentLog } from "../../../src/world/log.ts";
import { realChance } from "../../../src/world/real/chance.ts";
import { realClock } from "../../../src/world/real/clock.ts";
import type { Clock } from "../../../src/world/clock.ts";
import type { World } from "../../../src/world/world.ts";

/** The whole API on a free loopback port over an empty memory store, as the daemon wires it. */
export interface LoopbackEdge {
  readonly server: ApiServer;
  readonly verbs: Verbs;
  readonly store: Store;
  readonly world: World;
  readonly pki: Pki;
  readonly aggregation: Aggregation;
  /** In process, as `system:masters`. */
  readonly admin: Client;
  /** A folder of its own with `kubeconfig` of the administrator in it. */
  readonly directory: string;
  close(): Promise<void>;
}

/** Starts one; the caller closes it. */
export async function startLoopbackEdge(nodes: NodeConnections = { of: () => undefined }, { clock = realClock, auditor }: { readonly clock?: Clock; readonly auditor?: Auditor } = {}): Promise<LoopbackEdge> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-edge-"));
  const world: World = { clock, chance: realChance, log: silentLog };
  const store = openMemoryStore();
  const authorizer = createAuthorizer({ rules: [], store });
  const verbs = createVerbs({ store, world, authorizer });
  const admin = verbs.client({ name: "system:admin", groups: ["system:masters"] });
  await bootstrapCluster(admin);
  const pki = await openPki({ directory: join(directory, "pki"), hosts: ["127.0.0.1"], world });
  const tokens = new TokenIndex(admin, world);
  const ending = new AbortController();
  const aggregation = new Aggregation({ store, world, kinds: verbs.kinds, nodes, identity: pki.frontProxy.client });
  const following = Promise.all([tokens.run(ending.signal), aggregation.follow(ending.signal)]);
  const server = await serveApi({
    verbs, authorizer, authenticator: createAuthenticator((token) => tokens.userOf(token)), nodes, world, aggregation, host: "127.0.0.1", port: 0,
    tls: { ...pki.serving, ca: pki.ca }, fairness: new Fairness({ clock: world.clock, seatsMax: requestsMax, objects: readFlows(store) }),
    families: storageFamilies(store, verbs.kinds), ...(auditor === undefined ? {} : { auditor }),
  });
  await writeKubeconfig(join(directory, "kubeconfig"), { server: server.address, ca: pki.ca, user: "admin", credentials: { kind: "certificate", ...pki.admin } });
  return {
    server, verbs, store, world, pki, aggregation, admin, directory,
    async close() {
      ending.abort();
      await server.close(AbortSignal.timeout(1000));
      await following;
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
