import type { ConfigMap } from "../../model/kinds/config-map.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { isEqual } from "../../value/equal.ts";

/** Where the CA is told, and to whom. */
interface Publication {
  readonly name: string;
  readonly key: string;
  /** The one namespace it is in; absent: every one. */
  readonly namespace?: string;
  /** Others may tell more beside it. */
  readonly isShared?: boolean;
  readonly description: string;
}

const publications: readonly Publication[] = [
  { name: "kube-root-ca.crt", key: "ca.crt", description: "The CA that signs what the API server shows of itself; mounted into pods beside their tokens." },
  // @see kubernetes pkg/controlplane/controller/clusterauthenticationtrust
  { name: "extension-apiserver-authentication", key: "client-ca-file", namespace: "kube-system", isShared: true, description: "The CA of client certificates, for servers that let in whom this one would." },
];

/** The ConfigMaps this is about, in any namespace. */
export const publishedNames: ReadonlySet<string> = new Set(publications.map(({ name }) => name));

/** What of a namespace's ConfigMaps is to be made or changed, none of one that goes. Pure. */
export function decideRootCa({ metadata }: Namespace, existing: (name: string) => ConfigMap | undefined, ca: string): readonly ConfigMap[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  return publications.filter(({ namespace }) => namespace === undefined || namespace === metadata.name).flatMap(({ name, key, isShared, description }) => {
    const found = existing(name);
    const data = { ...(isShared === true ? found?.data : {}), [key]: ca };
    if (found === undefined) return [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: metadata.name, annotations: { "kubernetes.io/description": description } }, data }];
    const isTold = isShared === true ? isEqual(found.data, data) : found.data?.[key] === ca;
    return isTold ? [] : [{ ...found, data }];
  });
}
