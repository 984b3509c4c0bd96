import type { Kind } from "../model/kind.ts";
import type { ObjectRef } from "../model/object.ts";

/** Where objects live in the store; the layout is Kubernetes' own, so that tools that read etcd find their way. */
const registryRoot = "/registry/";

/** Where reserved ports live. */
const reservationRoot = "/reservations/";

/** The prefix of every object of a kind, or of those in one namespace: `/registry/apps/deployments/default/`. */
export function prefixOf(kind: Pick<Kind, "group" | "plural" | "storedAs">, namespace = ""): string {
  const { group, plural } = kind.storedAs?.kind ?? kind;
  const all = `${registryRoot}${group === "" ? "core" : group}/${plural}/`;
  return namespace === "" ? all : `${all}${namespace}/`;
}

/** The key of one object; `namespace` is left out for cluster-scoped kinds. */
export function objectKey(kind: Pick<Kind, "group" | "plural" | "namespaced" | "storedAs">, ref: ObjectRef): string {
  return kind.namespaced ? `${prefixOf(kind)}${ref.namespace}/${ref.name}` : `${prefixOf(kind)}${ref.name}`;
}

/** Takes the key of an object of `kind` apart. */
export function refOfKey(kind: Pick<Kind, "group" | "plural" | "namespaced" | "storedAs">, key: string): ObjectRef {
  const rest = key.slice(prefixOf(kind).length);
  const slash = rest.indexOf("/");
  return kind.namespaced && slash >= 0 ? { namespace: rest.slice(0, slash), name: rest.slice(slash + 1) } : { namespace: "", name: rest };
}

/** The key that reserves one value of a pool: `/reservations/node-ports/30080`. */
export function reservationKey(pool: string, value: string): string {
  return `${reservationRoot}${pool}/${value}`;
}
