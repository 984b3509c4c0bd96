import type { ConfigMap } from "../../model/kinds/config-map.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";

/** What is told of how to know the cluster. */
export interface Published {
  /** The cluster's CA, PEM. */
  readonly ca: string;
  /** By which servers of aggregated APIs know the API server, and whom it speaks for; none where it does not. */
  readonly requestHeader?: Readonly<Record<string, string>>;
}

/** Where something is told, and to whom. */
interface Publication {
  readonly name: string;
  readonly data: (published: Published) => Readonly<Record<string, string>>;
  /** The one namespace it is in; absent: every one. */
  readonly namespace?: string;
  /** Others may tell more beside it. */
  readonly isShared?: boolean;
  readonly description: string;
}

const publications: readonly Publication[] = [
  { name: "kube-root-ca.crt", data: ({ ca }) => ({ "ca.crt": ca }), description: "The CA that signs what the API server shows of itself; mounted into pods beside their tokens." },
  // @see kubernetes pkg/controlplane/controller/clusterauthenticationtrust
  { name: "extension-apiserver-authentication", data: ({ ca, requestHeader }) => ({ "client-ca-file": ca, ...requestHeader }), namespace: "kube-system", isShared: true,
    description: "The CAs of client certificates, for servers that let in whom this one would, and take its word for it." },
];

/** The ConfigMaps this is about, in any namespace. */
export const publishedNames: ReadonlySet<string> = new Set(publications.map(({ name }) => name));

/** What of a namespace's ConfigMaps is to be made or changed, none of one that goes. Pure. */
export function decideRootCa({ metadata }: Namespace, existing: (name: string) => ConfigMap | undefined, published: Published): readonly ConfigMap[] {
  if (metadata.deletionTimestamp !== undefined) return [];
  return publications.filter(({ namespace }) => namespace === undefined || namespace === metadata.name).flatMap(({ name, data: tell, isShared, description }) => {
    const found = existing(name);
    const told = tell(published);
    const data = { ...(isShared === true ? found?.data : {}), ...told };
    if (found === undefined) return [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: metadata.name, annotations: { "kubernetes.io/description": description } }, data }];
    return Object.entries(told).every(([key, value]) => found.data?.[key] === value) ? [] : [{ ...found, data }];
  });
}
