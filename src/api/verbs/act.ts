import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { JsonObject } from "../../value/json.ts";
import { actions } from "../actions.ts";
import { admissionRequestOf, admitUnkept, ownPlugins } from "../admission.ts";
import { commitPrepared } from "../commit.ts";
import { demandAccess } from "../context.ts";
import type { ApiContext } from "../context.ts";
import { notServed } from "../errors.ts";
import { jsonOf, metadataOf, objectOf } from "../shape.ts";
import type { Caller } from "../verbs.ts";

/** What is to be done. */
interface ActTarget {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  /** Of the subresource; empty where the kind is the action. */
  readonly name: string;
  readonly body: JsonObject;
  readonly dryRun?: boolean;
}

/**
 * Does what a subresource does when it is created, once those whom people added were asked: they see what it is created with, and nothing of what is
 * written because of it, as upstream. Throws NotFound where the kind has no such one.
 */
export async function act(context: ApiContext, caller: Caller, { kind, ref, name, body, dryRun = false }: ActTarget): Promise<JsonObject> {
  const action = actions.find((one) => one.kind === kind && one.name === name);
  if (action === undefined) throw notServed();
  const isByName = name === "";
  demandAccess(context, caller, isByName ? { verb: "create", kind, namespace: ref.namespace } : { verb: "create", kind, subresource: name, ...ref });
  const subresource = isByName ? undefined : name;
  const { group, version, kind: spoken } = findSubresource(kind, name)?.speaks ?? kind;
  const metadata = metadataOf(body);
  const object = objectOf({ ...body, apiVersion: apiVersionOf({ group, version }), kind: spoken, metadata: { ...metadata, name: metadata["name"] ?? ref.name, namespace: metadata["namespace"] ?? ref.namespace } });
  const { prepared } = await commitPrepared(context, (staging) => admitUnkept(object, admissionRequestOf(context, staging, { operation: "create", kind, ref, caller, old: undefined, subresource })), {
    dryRun, onConflict: () => undefined,
  });
  return action.run({ ...context, admission: ownPlugins(context.admission) }, caller, { ref, body: prepared === object ? body : jsonOf(prepared), dryRun });
}
