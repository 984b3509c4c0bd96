import { isApiError } from "../model/api-error.ts";
import type { Kind } from "../model/kind.ts";
import { TokenRequestKind } from "../model/kinds/reviews.ts";
import { ServiceAccountKind } from "../model/kinds/service-account.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";
import { refOf } from "../model/object.ts";
import { asJson } from "../value/json.ts";
import type { ApiTransaction, Client, ListOptions, Patch, PatchOptions, RemoveOptions, UserInfo, WatchEvent, WatchOptions, WriteOptions } from "./client.ts";
import { mapInTurns } from "./in-turns.ts";
import { isOfKind, jsonOf, objectOf } from "./shape.ts";
import type { Caller, StoredEvent, StoredObject, Verbs } from "./verbs.ts";

/**
 * The in-process client: the same verbs as over HTTP, with objects in and out. What it answers is frozen, and never shares a part with what it was given.
 */
export function createLocalClient(verbs: Omit<Verbs, "client">, user: UserInfo, program?: string): Client {
  const caller: Caller = { user, ...(program === undefined ? {} : { userAgent: program }) };
  return {
    async get<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef) {
      try {
        return objectOfKind(kind, await verbs.get(caller, kind, ref));
      } catch (error) {
        if (isApiError(error, "NotFound")) return undefined;
        throw error;
      }
    },
    async list<T extends ApiObject>(kind: Kind<T>, options: ListOptions = {}) {
      const { items, resourceVersion, continue: more } = await verbs.list(caller, kind, options);
      return { items: await mapInTurns(items, (stored) => objectOfKind(kind, stored)), resourceVersion, ...(more === undefined ? {} : { continue: more }) };
    },
    async create<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions) {
      const { stored } = await verbs.create(caller, kind, refOf(object).namespace, jsonOf(object), options);
      return objectOfKind(kind, stored);
    },
    async update<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions) {
      const { stored } = await verbs.update(caller, kind, refOf(object), jsonOf(object), options);
      return objectOfKind(kind, stored);
    },
    async updateStatus<T extends ApiObject>(kind: Kind<T>, object: T, options?: WriteOptions) {
      const { stored } = await verbs.update(caller, kind, refOf(object), jsonOf(object), { ...options, subresource: "status" });
      return objectOfKind(kind, stored);
    },
    async patch<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options?: PatchOptions) {
      const { stored } = await verbs.patch(caller, kind, ref, patch, options);
      return objectOfKind(kind, stored);
    },
    async remove<T extends ApiObject>(kind: Kind<T>, ref: ObjectRef, options?: RemoveOptions) {
      const answer = await verbs.remove(caller, kind, ref, options);
      return answer.kind === "removed" ? undefined : objectOfKind(kind, answer.stored);
    },
    async *watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, signal: AbortSignal) {
      for await (const batch of verbs.watch(caller, kind, { ...options, bookmarks: true }, signal)) {
        for (const event of batch) yield eventOf(kind, event);
      }
    },
    transact: (transaction: ApiTransaction) => verbs.transact(caller, transaction),
    async requestToken(account, spec) {
      const answer = objectOf(await verbs.act(caller, ServiceAccountKind, account, { name: "token", body: { spec: asJson(spec) } }));
      return isOfKind(TokenRequestKind, answer) ? answer.status : {};
    },
  };
}

function eventOf<T extends ApiObject>(kind: Kind<T>, event: StoredEvent): WatchEvent<T> {
  return event.type === "BOOKMARK" ? event : { type: event.type, object: objectOfKind(kind, event.stored) };
}

function objectOfKind<T extends ApiObject>(kind: Kind<T>, stored: StoredObject): T {
  const object = stored.object();
  if (isOfKind(kind, object)) return object;
  throw new Error(`the store has a ${object.kind} where a ${kind.kind} belongs: ${stored.namespace}/${stored.name}`);
}
