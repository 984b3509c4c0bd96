import { createAuthorizer } from "../../src/api/authorizer.ts";
import type { Grant } from "../../src/api/access/role-index.ts";
import type { Client, UserInfo } from "../../src/api/client.ts";
import { createVerbs } from "../../src/api/pipeline.ts";
import type { ReservationOptions } from "../../src/api/reservations.ts";
import type { Authorizer, Caller, Verbs } from "../../src/api/verbs.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { openMemoryStore } from "../../src/store/engines/memory.ts";
import type { Store } from "../../src/store/store.ts";
import { fakeWorld } from "../world/fake-world.ts";
import type { FakeWorld } from "../world/fake-world.ts";

/** Somebody who may do everything. */
export const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };

/** A whole API on a memory store and a fake world. */
export interface TestApi {
  readonly store: Store;
  readonly world: FakeWorld;
  readonly verbs: Verbs;
  readonly authorizer: Authorizer;
  /** The administrator's. */
  readonly client: Client;
  readonly caller: Caller;
}

/** Builds an API with the namespace `default`; `rules` are for callers other than the administrator. */
export async function testApi(options: { readonly seed?: number; readonly rules?: readonly Grant[]; readonly reservations?: ReservationOptions } = {}): Promise<TestApi> {
  const store = openMemoryStore();
  const world = fakeWorld({ seed: options.seed ?? 1 });
  const authorizer = createAuthorizer({ rules: options.rules ?? [], store });
  const verbs = createVerbs({
    store, world, authorizer, ...(options.reservations === undefined ? {} : { reservations: options.reservations }),
  });
  const client = verbs.client(admin);
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" }, spec: {}, status: {} });
  return { store, world, verbs, authorizer, client, caller: { user: admin } };
}
