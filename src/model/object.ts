import type { ObjectMeta, OwnerReference } from "./generated/meta-v1.ts";

/** What every API object has. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Names one object of a kind; `namespace` is "" for cluster-scoped kinds. */
export interface ObjectRef {
  readonly namespace: string;
  readonly name: string;
}

/** The reference of an object. */
export function refOf(object: ApiObject): ObjectRef {
  return { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
}

/** `namespace/name`, or the name alone for cluster-scoped objects: the key of work queues and caches. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** Takes a key apart again. */
export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf("/");
  return slash < 0 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The owner reference with `controller: true`, if any. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** An owner reference that makes `owner` the controller of another object. */
export function controllerReference(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "",
    controller: true, blockOwnerDeletion: true,
  };
}
