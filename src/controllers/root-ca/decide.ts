import type { ConfigMap } from "../../model/kinds/config-map.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";

/** The ConfigMap every namespace has. */
export const rootCaName = "kube-root-ca.crt";

/** The ConfigMap as it should be; undefined when it is, or the namespace goes. Pure. */
export function decideRootCa({ metadata }: Namespace, existing: ConfigMap | undefined, ca: string): ConfigMap | undefined {
  if (metadata.deletionTimestamp !== undefined || existing?.data?.["ca.crt"] === ca) return undefined;
  if (existing !== undefined) return { ...existing, data: { "ca.crt": ca } };
  const description = "The CA that signs what the API server shows of itself; mounted into pods beside their tokens.";
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: rootCaName, namespace: metadata.name, annotations: { "kubernetes.io/description": description } }, data: { "ca.crt": ca } };
}
