import { TokenOwners } from "../../src/api/access/token-owners.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/api/access/token-keys.ts";
import { createAuthorizer } from "../../src/api/authorizer.ts";
import { AccountTokens, defaultIssuer } from "../../src/api/access/account-tokens.ts";
import type { Grant } from "../../src/api/access/role-index.ts";
import type { Client, UserInfo } from "../../src/api/client.ts";
import { readStored } from "../../src/api/encode.ts";
import type { CreateTemplates } from "../../src/api/create-templates.ts";
import { createVerbs } from "../../src/api/pipeline.ts";
import type { Outside } from "../../src/api/questions.ts";
import type { ReservationOptions } from "../../src/api/reservations.ts";
import type { Authorizer, Caller, Verbs } from "../../src/api/verbs.ts";
import { NamespaceKind } from "../../src/model/kinds/namespace.ts";
import { ServiceAccountKind } from "../../src/model/kinds/service-account.ts";
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
export async function testApi(options: { readonly seed?: number; readonly rules?: readonly Grant[]; readonly reservations?: ReservationOptions; readonly outside?: Outside } = {}): Promise<TestApi> {
  const store = openMemoryStore();
  const world = fakeWorld({ seed: options.seed ?? 1 });
  const authorizer = createAuthorizer({ rules: options.rules ?? [], store });
  const verbs = createVerbs({
    store, world, authorizer, ...(options.reservations === undefined ? {} : { reservations: options.reservations }),
    ...(options.outside === undefined ? {} : { outside: options.outside }),
  });
  const client = verbs.client(admin);
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" }, spec: {}, status: {} });
  return { store, world, verbs, authorizer, client, caller: { user: admin } };
}

/** The same where ServiceAccounts have tokens; the namespace's own account is there, and pods get no token of it. */
export async function tokenApi({ templates, outside }: { readonly templates?: CreateTemplates; readonly outside?: Outside } = {}): Promise<TestApi & { readonly tokens: AccountTokens; readonly owners: TokenOwners }> {
  const store = openMemoryStore();
  const world = fakeWorld({ seed: 1 });
  const authorizer = createAuthorizer({ rules: [], store });
  const tokens = new AccountTokens({ keys: await parseTokenKeys(makeTokenKey()), issuer: defaultIssuer, world, read: (kind, ref) => readStored(store, kind, ref) });
  const owners = new TokenOwners(defaultIssuer);
  owners.add(tokens);
  const verbs = createVerbs({ store, world, authorizer, accountTokens: tokens, reviewToken: (token, audiences) => owners.find(token, audiences),
    ...(templates === undefined ? {} : { templates }), ...(outside === undefined ? {} : { outside }) });
  const client = verbs.client(admin);
  await client.create(NamespaceKind, { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" }, spec: {}, status: {} });
  await client.create(ServiceAccountKind, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" }, automountServiceAccountToken: false });
  return { store, world, verbs, authorizer, client, caller: { user: admin }, tokens, owners };
}
