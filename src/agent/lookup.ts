import type { ConfigMap, Pod, Secret, Service, ServiceAccountTokenProjection } from "../model/generated/core-v1.ts";

/** What a pod's environment and volumes are made from; undefined for an object that does not exist. */
export interface Lookup {
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  /** The token of a pod's account that a volume shows. Throws RuntimeProblem while there is none. */
  token(pod: Pod, projection: ServiceAccountTokenProjection): string;
  /** Services of one namespace, by name. */
  services(namespace: string): readonly Service[];
}
