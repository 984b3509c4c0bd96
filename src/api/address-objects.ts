import { IPAddressKind } from "../model/kinds/networking.ts";
import type { IPAddress } from "../model/kinds/networking.ts";
import { ServiceKind } from "../model/kinds/service.ts";
import type { ObjectRef } from "../model/object.ts";
import type { StoreEntry } from "../store/store.ts";
import { printTime } from "../world/clock.ts";
import { decodeObject, encodeObject } from "./encode.ts";
import { objectKey } from "./keys.ts";
import type { RequestFacts } from "./request-facts.ts";
import { isOfKind, jsonOf } from "./shape.ts";

/** On the addresses this API gives Services, as upstream's allocator marks its own. */
const marks = { "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } as const;

/** The object that says which Service has an address. @see kubernetes pkg/registry/core/service/ipallocator/ipallocator.go */
export function ipAddressOf(address: string, { namespace, name }: ObjectRef): IPAddress {
  return { apiVersion: "networking.k8s.io/v1", kind: "IPAddress", metadata: { name: address, labels: marks }, spec: { parentRef: { group: ServiceKind.group, resource: ServiceKind.plural, namespace, name } } };
}

/** True for an address that was given by an allocator, not made by hand. */
export function isManagedAddress({ metadata }: IPAddress): boolean {
  return metadata.labels?.["ipaddress.kubernetes.io/managed-by"] === marks["ipaddress.kubernetes.io/managed-by"];
}

/** Where an address lies while somebody has it. */
export function addressKey(address: string): string {
  return objectKey(IPAddressKind, { namespace: "", name: address });
}

/** What lies there for a Service, `namespace/name`. */
export function encodeAddress(address: string, owner: string, facts: RequestFacts): Uint8Array {
  const [namespace = "", name = ""] = owner.split("/");
  const object = ipAddressOf(address, { namespace, name });
  return encodeObject(IPAddressKind, jsonOf({ ...object, metadata: { ...object.metadata, uid: facts.chance.uuid(), creationTimestamp: printTime(facts.nowMs) } }));
}

/** Who has an address: `namespace/name` of a Service; of anything else a text no Service is called. */
export function addressOwnerOf({ value, revision }: Pick<StoreEntry, "value" | "revision">): string {
  const object = decodeObject(value, revision);
  if (!isOfKind<IPAddress>(IPAddressKind, object)) return "";
  const { group = "", resource, namespace = "", name } = object.spec.parentRef;
  return group === ServiceKind.group && resource === ServiceKind.plural ? `${namespace}/${name}` : `${resource}.${group} ${namespace}/${name}`;
}
