import { KindTable } from "../model/kind-table.ts";
import type { Store } from "../store/store.ts";
import type { World } from "../world/world.ts";
import type { AccountTokens } from "./access/account-tokens.ts";
import { admissionPlugins } from "./admission.ts";
import type { ApiContext } from "./context.ts";
import { Conversions } from "./conversions.ts";
import { CreateTemplates } from "./create-templates.ts";
import { DefinitionKinds } from "./definition-kinds.ts";
import { readStoredOf } from "./encode.ts";
import { createLocalClient } from "./local-client.ts";
import { Lines } from "./lines.ts";
import { nobodyOutside } from "./questions.ts";
import type { Outside } from "./questions.ts";
import { createReservations } from "./reservations.ts";
import type { ReservationOptions } from "./reservations.ts";
import type { ReviewToken } from "./reviews/review.ts";
import { withApiErrors, withApiErrorsAtOnce } from "./store-errors.ts";
import { StoredObjects } from "./stored.ts";
import type { Authorizer, Verbs } from "./verbs.ts";
import { act } from "./verbs/act.ts";
import { connect } from "./verbs/connect.ts";
import { create } from "./verbs/create.ts";
import { get } from "./verbs/get.ts";
import { list } from "./verbs/list.ts";
import { patch } from "./verbs/patch.ts";
import { remove } from "./verbs/remove.ts";
import { removeCollection } from "./verbs/remove-collection.ts";
import { review } from "./verbs/review.ts";
import { transact } from "./verbs/transact.ts";
import { update } from "./verbs/update.ts";
import { watch } from "./verbs/watch.ts";

/** What the API is built of. */
export interface PipelineOptions {
  readonly store: Store;
  readonly world: World;
  readonly authorizer: Authorizer;
  /** Where Service addresses and node ports come from. */
  readonly reservations?: ReservationOptions;
  /** Asks webhooks; nobody does when absent. */
  readonly outside?: Outside;
  /** Finds whose token one is, for TokenReviews; absent: nobody's. */
  readonly reviewToken?: ReviewToken;
  /** What objects made from one template have in common; absent: remembered anew. */
  readonly templates?: CreateTemplates;
  /** Makes the tokens of ServiceAccounts; absent: there are none, and pods get none. */
  readonly accountTokens?: AccountTokens;
}

/** The API without HTTP: one function a verb, all on the same store, rules and clock. */
export function createVerbs(pipeline: PipelineOptions): Verbs {
  const { store, world, authorizer } = pipeline;
  const kinds = new KindTable();
  const objects = new StoredObjects();
  const conversions = new Conversions({ get: (kind, ref) => readStoredOf(store, kind, ref) });
  const definitions = new DefinitionKinds(store, kinds, conversions);
  definitions.refresh();
  const context: ApiContext = {
    store, world, authorizer, kinds, definitions, conversions, lines: new Lines(), admission: admissionPlugins,
    reservations: createReservations(pipeline.reservations), objects, templates: pipeline.templates ?? new CreateTemplates(), outside: pipeline.outside ?? nobodyOutside,
    reviewToken: pipeline.reviewToken ?? (async () => ({ kind: "unknown", reason: "no token is known here" })),
    ...(pipeline.accountTokens === undefined ? {} : { accountTokens: pipeline.accountTokens }),
  };
  const verbs: Omit<Verbs, "client"> = {
    kinds,
    followDefinitions: (signal) => definitions.follow(signal),
    get: (caller, kind, ref, request) => withApiErrorsAtOnce(() => get(context, caller, { kind, ref, ...request })),
    list: (caller, kind, request) => withApiErrors(() => list(context, caller, kind, request)),
    watch: (caller, kind, request, signal) => watch(context, caller, { kind, request }, signal),
    create: (caller, kind, namespace, body, request) => withApiErrors(() => (kind.isStored === false ? review : create)(context, caller, { kind, namespace, body }, request)),
    update: (caller, kind, ref, body, request) => withApiErrors(() => update(context, caller, { kind, ref, body }, request)),
    patch: (caller, kind, ref, change, request) => withApiErrors(() => patch(context, caller, { kind, ref, patch: change }, request)),
    act: (caller, kind, ref, action) => withApiErrors(() => act(context, caller, { kind, ref, ...action })),
    admitConnection: (caller, kind, ref, connection) => withApiErrors(() => connect(context, caller, { kind, ref, ...connection })),
    remove: (caller, kind, ref, options) => withApiErrors(() => remove(context, caller, { kind, ref, ...(options === undefined ? {} : { options }) })),
    removeCollection: (caller, kind, request, options) => withApiErrors(() => removeCollection(context, caller, { kind, list: request, ...(options === undefined ? {} : { options }) })),
    transact: (caller, transaction) => withApiErrors(() => transact(context, caller, transaction)),
  };
  return { ...verbs, client: (user, program) => createLocalClient(verbs, user, program) };
}
