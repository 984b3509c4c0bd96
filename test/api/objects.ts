import type { ConfigMap } from "../../src/model/kinds/config-map.ts";
import type { Deployment } from "../../src/model/kinds/deployment.ts";
import type { Namespace } from "../../src/model/kinds/namespace.ts";
import type { Pod } from "../../src/model/kinds/pod.ts";
import type { Service } from "../../src/model/kinds/service.ts";
import type { ObjectMeta } from "../../src/model/generated/meta-v1.ts";

/** Objects as a client would send them; each builder takes the details that matter to a test. */

export function configMap(name: string, data: Readonly<Record<string, string>> = {}, metadata: Partial<ObjectMeta> = {}): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name, ...metadata }, data };
}

export function namespace(name: string): Namespace {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {}, status: {} };
}

export function pod(name: string, spec: Partial<Pod["spec"]> = {}, metadata: Partial<ObjectMeta> = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod", metadata: { namespace: "default", name, ...metadata },
    spec: { containers: [{ name: "main", image: "demo:1", resources: {} }], ...spec }, status: {},
  };
}

export function service(name: string, spec: Service["spec"] = {}, metadata: Partial<ObjectMeta> = {}): Service {
  return { apiVersion: "v1", kind: "Service", metadata: { namespace: "default", name, ...metadata }, spec: { ports: [{ port: 80 }], ...spec }, status: {} };
}

export function deployment(name: string, replicas: number): Deployment {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: "default", name },
    spec: { replicas, selector: { matchLabels: labels }, strategy: {}, template: { metadata: { name: "", labels }, spec: { containers: [{ name: "main", image: "demo:1", resources: {} }] } } },
    status: {},
  };
}
