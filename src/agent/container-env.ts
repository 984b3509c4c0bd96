import type { Container, EnvVarSource, Pod, Service } from "../model/generated/core-v1.ts";
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
      const configMap = lookup.configMap(namespace, configMapRef.name);
      if (configMap === undefined && configMapRef.optional !== true) throw missing("configmap", configMapRef.name);
      for (const [key, value] of Object.entries(configMap?.data ?? {})) yield [prefix + key, value];
    }
    if (secretRef?.name !== undefined) {
      const secret = lookup.secret(namespace, secretRef.name);
      if (secret === undefined && secretRef.optional !== true) throw missing("secret", secretRef.name);
      for (const [key, value] of Object.entries(secret?.data ?? {})) yield [prefix + key, Buffer.from(value, "base64").toString("utf8")];
    }
  }
}

function valueOf(pod: Pod, container: Container, { lookup, node, podIP, valueFrom }: EnvContext & { readonly valueFrom: EnvVarSource }): string | undefined {
  const namespace = pod.metadata.namespace ?? "";
  if (valueFrom.fieldRef !== undefined) return podField(pod, valueFrom.fieldRef.fieldPath, { podIP, node });
  if (valueFrom.resourceFieldRef !== undefined) return resourceField(pod, container, { selector: valueFrom.resourceFieldRef, node });
  if (valueFrom.configMapKeyRef !== undefined) {
    const { name = "", key, optional } = valueFrom.configMapKeyRef;
    const configMap = lookup.configMap(namespace, name);
    if (configMap === undefined && optional !== true) throw missing("configmap", name);
    const value = configMap?.data?.[key];
    if (value === undefined && optional !== true) throw new RuntimeProblem("CreateContainerConfigError", `couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (valueFrom.secretKeyRef !== undefined) {
    const { name = "", key, optional } = valueFrom.secretKeyRef;
    const secret = lookup.secret(namespace, name);
    if (secret === undefined && optional !== true) throw missing("secret", name);
    const value = secret?.data?.[key];
    if (value === undefined && optional !== true) throw new RuntimeProblem("CreateContainerConfigError", `couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
  }
  throw new RuntimeProblem("CreateContainerConfigError", "this env valueFrom is not supported by this node; use fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef");
}

function missing(kind: string, name: string): RuntimeProblem {
  return new RuntimeProblem("CreateContainerConfigError", `${kind} "${name}" not found`);
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
