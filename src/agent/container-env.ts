import type { ConfigMap, ConfigMapEnvSource, ConfigMapKeySelector, Container, EnvVarSource, Pod, Secret, Service } from "../model/generated/core-v1.ts";
import { clusterDomain } from "./network/dns-records.ts";
import { expandReferences } from "./expand.ts";
import type { Lookup } from "./lookup.ts";
import type { NodeFacts } from "./pod-field.ts";
import { podField, resourceField } from "./pod-field.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";

/** What an environment is made from. */
export interface EnvContext {
  readonly lookup: Lookup;
  readonly node: NodeFacts;
  readonly podIP: string;
}

/**
 * The whole environment of a container, in order of rising precedence: the runtime's own variables, services, envFrom, env.
 * Throws RuntimeProblem CreateContainerConfigError with upstream's words for what is missing.
 *
 * @see kubernetes pkg/kubelet/kubelet_pods.go makeEnvironmentVariables
 */
export function containerEnv(pod: Pod, container: Container, context: EnvContext): ReadonlyMap<string, string> {
  const env = new Map<string, string>([
    ["HOSTNAME", hostnameOf(pod)], ["HOST", context.podIP], ["POD_IP", context.podIP], ["CAPSTAN_POD_IP", context.podIP],
  ]);
  for (const [name, value] of serviceEnv(pod, context.lookup)) env.set(name, value);
  for (const [name, value] of envFrom(pod, container, context)) env.set(name, value);
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom === undefined ? expandReferences(value ?? "", (other) => env.get(other)) : valueOf(pod, container, { ...context, valueFrom });
    if (found !== undefined) env.set(name, found);
  }
  return env;
}

/** The name a pod's programs see as the machine's. */
export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostname ?? pod.metadata.name).slice(0, 63).replace(/[-.]+$/u, "");
}

/** The name a pod with a subdomain has in the cluster; undefined for others. @see kubernetes pkg/kubelet/kubelet_pods.go GeneratePodHostNameAndDomain */
export function fullNameOf(pod: Pod): string | undefined {
  const { subdomain = "" } = pod.spec;
  return subdomain === "" ? undefined : `${hostnameOf(pod)}.${subdomain}.${pod.metadata.namespace ?? ""}.svc.${clusterDomain}`;
}

function* envFrom(pod: Pod, container: Container, { lookup }: EnvContext): Iterable<readonly [string, string]> {
  const namespace = pod.metadata.namespace ?? "";
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef?.name !== undefined) {
      for (const [key, value] of Object.entries(dataOf("ConfigMap", lookup.configMap(namespace, configMapRef.name), configMapRef) ?? {})) yield [prefix + key, value];
    }
    if (secretRef?.name !== undefined) {
      for (const [key, value] of Object.entries(dataOf("Secret", lookup.secret(namespace, secretRef.name), secretRef) ?? {})) yield [prefix + key, textOfSecret(value)];
    }
  }
}

function valueOf(pod: Pod, container: Container, { lookup, node, podIP, valueFrom }: EnvContext & { readonly valueFrom: EnvVarSource }): string | undefined {
  const namespace = pod.metadata.namespace ?? "";
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return podField(pod, fieldRef.fieldPath, { podIP, node });
  if (resourceFieldRef !== undefined) return resourceField(pod, container, { selector: resourceFieldRef, node });
  if (configMapKeyRef !== undefined) return dataAt("ConfigMap", lookup.configMap(namespace, configMapKeyRef.name ?? ""), { ...configMapKeyRef, namespace });
  if (secretKeyRef !== undefined) {
    const value = dataAt("Secret", lookup.secret(namespace, secretKeyRef.name ?? ""), { ...secretKeyRef, namespace });
    return value === undefined ? undefined : textOfSecret(value);
  }
  throw new RuntimeProblem("CreateContainerConfigError", "this env valueFrom is not supported by this node; use fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef");
}

type DataKind = "ConfigMap" | "Secret";

/** The data of what an environment refers to; undefined where it may be absent, and is. */
function dataOf(kind: DataKind, object: ConfigMap | Secret | undefined, { name = "", optional }: ConfigMapEnvSource): ConfigMap["data"] {
  if (object === undefined && optional !== true) throw new RuntimeProblem("CreateContainerConfigError", `${kind.toLowerCase()} "${name}" not found`);
  return object?.data;
}

function dataAt(kind: DataKind, object: ConfigMap | Secret | undefined, reference: ConfigMapKeySelector & { readonly namespace: string }): string | undefined {
  const { namespace, name = "", key, optional } = reference;
  const value = dataOf(kind, object, reference)?.[key];
  if (value === undefined && optional !== true) throw new RuntimeProblem("CreateContainerConfigError", `couldn't find key ${key} in ${kind} ${namespace}/${name}`);
  return value;
}

function textOfSecret(value: string): string {
  return Buffer.from(value, "base64").toString("utf8");
}

/**
 * Variables for the services of the pod's namespace, and for `kubernetes` of default.
 *
 * @see kubernetes pkg/kubelet/envvars/envvars.go
 */
function serviceEnv(pod: Pod, lookup: Lookup): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  const namespace = pod.metadata.namespace ?? "";
  const api = lookup.services("default").filter((service) => service.metadata.name === "kubernetes");
  const own = pod.spec.enableServiceLinks === false ? [] : lookup.services(namespace);
  for (const service of [...api, ...own]) addService(env, service);
  return env;
}

function addService(env: Map<string, string>, service: Service): void {
  const ip = service.spec.clusterIP;
  const ports = service.spec.ports ?? [];
  const [first] = ports;
  if (ip === undefined || ip === "" || ip === "None" || first === undefined) return;
  const prefix = service.metadata.name.toUpperCase().replaceAll("-", "_");
  const url = (port: typeof first) => `${(port.protocol ?? "TCP").toLowerCase()}://${ip}:${String(port.port)}`;
  env.set(`${prefix}_SERVICE_HOST`, ip);
  env.set(`${prefix}_SERVICE_PORT`, String(first.port));
  env.set(`${prefix}_PORT`, url(first));
  for (const port of ports) {
    const protocol = (port.protocol ?? "TCP").toUpperCase();
    const link = `${prefix}_PORT_${String(port.port)}_${protocol}`;
    if (port.name !== undefined && port.name !== "") env.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll("-", "_")}`, String(port.port));
    env.set(link, url(port));
    env.set(`${link}_PROTO`, protocol.toLowerCase());
    env.set(`${link}_PORT`, String(port.port));
    env.set(`${link}_ADDR`, ip);
  }
}
