import { ipFamilyOf, isWithinCidr } from "../../value/ip.ts";
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass, IngressRule, IPAddress, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, ParentReference, ServiceCIDR } from "../generated/networking-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { checkCidr, checkLabelSelector, checkPresent, forbidden, invalid, invalidEach, required } from "../checks.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { deletionHealth, healthy, progressing } from "./_health.ts";
import { kindOf } from "./_kind-of.ts";
import { markedName } from "./_marks.ts";
import { selectorText } from "./_workload.ts";

export type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "../generated/networking-v1.ts";

const apiVersion = "networking.k8s.io/v1";

/** Hosts shown before the rest is counted. */
const shownHostsMax = 3;

/** Ingress, `networking.k8s.io/v1`. */
export const IngressKind = kindOf<Ingress>({
  apiVersion, kind: "Ingress", plural: "ingresses", namespaced: true, shortNames: ["ing"], hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Class", ({ spec }) => spec.ingressClassName ?? "<none>"),
    textColumn("Hosts", ({ spec }) => printHosts(spec.rules ?? [])),
    textColumn("Address", ({ status }) => [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip = "", hostname = "" }) => (ip === "" ? hostname : ip)))].toSorted().join(",")),
    textColumn("Ports", ({ spec }) => ((spec.tls ?? []).length > 0 ? "80, 443" : "80")),
    ageColumn,
  ],
  validate: checkIngress,
  warn: ({ metadata, spec }, old) => (old === undefined && spec.ingressClassName === undefined && metadata.annotations?.[classAnnotation] !== undefined
    ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`] : []),
  health: (ingress) => deletionHealth(ingress) ?? ((ingress.status.loadBalancer?.ingress ?? []).length > 0 ? healthy : progressing("")),
});

/** IngressClass, `networking.k8s.io/v1`. */
export const IngressClassKind = kindOf<IngressClass>({
  apiVersion, kind: "IngressClass", plural: "ingressclasses", namespaced: false,
  columns: [
    markedName("ingressclass.kubernetes.io/is-default-class"),
    textColumn("Controller", ({ spec }) => spec.controller),
    textColumn("Parameters", ({ spec: { parameters } }) => {
      if (parameters === undefined) return "<none>";
      return `${parameters.kind}${parameters.apiGroup === undefined || parameters.apiGroup === "" ? "" : `.${parameters.apiGroup}`}/${parameters.name}`;
    }),
    ageColumn,
  ],
  validate: checkIngressClass,
  immutable: ["spec.controller"],
});

/** NetworkPolicy, `networking.k8s.io/v1`. */
export const NetworkPolicyKind = kindOf<NetworkPolicy>({
  apiVersion, kind: "NetworkPolicy", plural: "networkpolicies", namespaced: true, shortNames: ["netpol"],
  columns: [nameColumn, textColumn("Pod-Selector", ({ spec }) => selectorText(spec.podSelector ?? {}, { empty: "<none>", broken: "<error>" })), ageColumn],
  validate: checkNetworkPolicy,
});

/** IPAddress, `networking.k8s.io/v1`. */
export const IPAddressKind = kindOf<IPAddress>({
  apiVersion, kind: "IPAddress", plural: "ipaddresses", namespaced: false, shortNames: ["ip"],
  columns: [nameColumn, textColumn("ParentRef", ({ spec }) => printParent(spec.parentRef))],
  checkName: (name) => (ipFamilyOf(name) === undefined ? ["must be a valid IP address in canonical form"] : []),
  validate: ({ spec: { parentRef } }) => [...checkPresent("spec.parentRef.resource", parentRef.resource), ...checkPresent("spec.parentRef.name", parentRef.name)],
  immutable: ["spec.parentRef"],
});

/** The name of the ServiceCIDR every cluster has. @see kubernetes pkg/controlplane/controller/defaultservicecidr */
export const serviceBlockName = "kubernetes";

/** ServiceCIDR, `networking.k8s.io/v1`. */
export const ServiceCIDRKind = kindOf<ServiceCIDR>({
  apiVersion, kind: "ServiceCIDR", plural: "servicecidrs", namespaced: false, hasStatus: true,
  columns: [nameColumn, textColumn("CIDRs", ({ spec }) => (spec.cidrs ?? []).join(",")), ageColumn],
  validate: ({ spec: { cidrs = [] } }) => {
    if (cidrs.length === 0) return [required("spec.cidrs", "at least one CIDR required")];
    if (cidrs.length > 2) return [invalid("spec.cidrs", cidrs, "may only hold up to 2 values")];
    return cidrs.flatMap((cidr, index) => checkCidr(`spec.cidrs[${index}]`, cidr));
  },
  immutable: ["spec.cidrs"],
});

function printHosts(rules: readonly IngressRule[]): string {
  const hosts: string[] = [];
  for (const { host = "" } of rules) {
    if (hosts.length === shownHostsMax) return `${hosts.join(",")} + ${rules.length - shownHostsMax} more...`;
    if (host !== "") hosts.push(host);
  }
  return hosts.length === 0 ? "*" : hosts.join(",");
}

function printParent(parent: ParentReference | undefined): string {
  if (parent === undefined) return "<none>";
  const group = parent.group === undefined || parent.group === "" ? "" : `.${parent.group}`;
  const namespace = parent.namespace === undefined || parent.namespace === "" ? "" : `/${parent.namespace}`;
  return `${parent.resource}${group}${namespace}/${parent.name}`;
}

/** @see kubernetes pkg/apis/networking/validation/validation.go */
function checkIngress({ metadata, spec }: Ingress, old: Ingress | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const rules = spec.rules ?? [];
  if (rules.length === 0 && spec.defaultBackend === undefined) errors.push(invalid("spec", rules, "either `defaultBackend` or `rules` must be specified"));
  if (spec.defaultBackend !== undefined) errors.push(...checkBackend(spec.defaultBackend, "spec.defaultBackend"));
  rules.forEach(({ host = "", http }, index) => {
    const path = `spec.rules[${index}]`;
    errors.push(...checkHost(host, `${path}.host`));
    if (http === undefined) return;
    if (http.paths.length === 0) errors.push(required(`${path}.http.paths`));
    http.paths.forEach((rule, at) => { errors.push(...checkIngressPath(rule, `${path}.http.paths[${at}]`)); });
  });
  (spec.tls ?? []).forEach(({ hosts = [], secretName = "" }, index) => {
    hosts.forEach((host, at) => { errors.push(...checkDomain(host, `spec.tls[${index}].hosts[${at}]`)); });
    if (secretName !== "") errors.push(...invalidEach(`spec.tls[${index}].secretName`, secretName, checkDnsSubdomain(secretName)));
  });
  if (spec.ingressClassName !== undefined) errors.push(...invalidEach("spec.ingressClassName", spec.ingressClassName, checkDnsSubdomain(spec.ingressClassName)));
  const named = metadata.annotations?.[classAnnotation];
  if (old === undefined && named !== undefined && spec.ingressClassName !== undefined && named !== spec.ingressClassName) {
    errors.push(invalid(`annotations.${classAnnotation}`, named, "must match `ingressClassName` when both are specified"));
  }
  return errors;
}

/** How the class was named before it had a field. */
const classAnnotation = "kubernetes.io/ingress.class";

function checkHost(host: string, path: string): readonly FieldError[] {
  if (host === "") return [];
  return [...(ipFamilyOf(host) === undefined ? [] : [invalid(path, host, "must be a DNS name, not an IP address")]), ...checkDomain(host, path)];
}

const wildcardPattern = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const wildcardMessage = `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${wildcardPattern.source.slice(1, -1)}')`;

/** A name, or all names one level below another. */
function checkDomain(host: string, path: string): readonly FieldError[] {
  if (!host.includes("*")) return invalidEach(path, host, checkDnsSubdomain(host));
  return wildcardPattern.test(host) ? [] : [invalid(path, host, wildcardMessage)];
}

function checkIngressPath({ path: value = "", pathType, backend }: HTTPIngressPath, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (pathType === "ImplementationSpecific") {
    if (value !== "" && !value.startsWith("/")) errors.push(invalid(`${path}.path`, value, "must be an absolute path"));
  } else {
    if (!value.startsWith("/")) errors.push(invalid(`${path}.path`, value, "must be an absolute path"));
    for (const part of ["//", "/./", "/../", "%2f", "%2F"]) if (value.includes(part)) errors.push(invalid(`${path}.path`, value, `must not contain '${part}'`));
    for (const end of ["/..", "/."]) if (value.endsWith(end)) errors.push(invalid(`${path}.path`, value, `cannot end with '${end}'`));
  }
  return [...errors, ...checkBackend(backend, `${path}.backend`)];
}

function checkBackend({ service, resource }: IngressBackend, path: string): readonly FieldError[] {
  if (service !== undefined && resource !== undefined) return [invalid(path, "", "cannot set both resource and service backends")];
  if (resource !== undefined) return [...checkPresent(`${path}.resource.kind`, resource.kind), ...checkPresent(`${path}.resource.name`, resource.name)];
  if (service === undefined) return [invalid(path, "", "resource or service backend is required")];
  const { name = "", number = 0 } = service.port ?? {};
  const port = `${path}.service.port`;
  const errors = invalidEach(`${path}.service.name`, service.name, checkDnsLabel(service.name));
  if (name !== "" && number !== 0) return [...errors, invalid(path, "", "cannot set both port name & port number")];
  if (name === "" && number === 0) return [...errors, required(path, "port name or number is required")];
  return [...errors, ...(name === "" ? invalidEach(`${port}.number`, number, checkPortNumber(number)) : invalidEach(`${port}.name`, name, checkPortName(name)))];
}

function checkIngressClass({ spec: { controller = "", parameters } }: IngressClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (controller !== "" && !/^[^/]+\/.+$/.test(controller)) errors.push(invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
  if (parameters === undefined) return errors;
  const { scope = "Cluster", namespace = "" } = parameters;
  if (scope !== "Cluster" && scope !== "Namespace") errors.push(notSupported("spec.parameters.scope", scope, ["Cluster", "Namespace"]));
  if (scope === "Namespace" && namespace === "") errors.push(required("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'"));
  if (scope === "Cluster" && namespace !== "") errors.push(forbidden("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

function checkNetworkPolicy({ spec }: NetworkPolicy): readonly FieldError[] {
  const errors: FieldError[] = [...checkLabelSelector("spec.podSelector", spec.podSelector)];
  const types = spec.policyTypes ?? [];
  (spec.ingress ?? []).forEach(({ ports = [], from = [] }, index) => { errors.push(...checkPolicyRule(`spec.ingress[${index}]`, { ports, peers: from, side: "from" })); });
  (spec.egress ?? []).forEach(({ ports = [], to = [] }, index) => { errors.push(...checkPolicyRule(`spec.egress[${index}]`, { ports, peers: to, side: "to" })); });
  return types.length > 2 ? [...errors, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")] : errors;
}

interface PolicyRuleParts {
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
  readonly side: "from" | "to";
}

function checkPolicyRule(path: string, { ports, peers, side }: PolicyRuleParts): readonly FieldError[] {
  return [
    ...ports.flatMap((port, index) => checkPolicyPort(port, `${path}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => checkPeer(peer, `${path}.${side}[${index}]`)),
  ];
}

function checkPolicyPort({ port, endPort }: NetworkPolicyPort, path: string): readonly FieldError[] {
  if (port === undefined) return endPort === undefined ? [] : [invalid(`${path}.endPort`, endPort, "may not be specified when `port` is not specified")];
  if (typeof port === "string") {
    return endPort === undefined ? invalidEach(`${path}.port`, port, checkPortName(port)) : [invalid(`${path}.endPort`, endPort, "may not be specified when `port` is non-numeric")];
  }
  const errors = [...invalidEach(`${path}.port`, port, checkPortNumber(port))];
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(`${path}.endPort`, endPort, "must be greater than or equal to `port`"));
  return [...errors, ...invalidEach(`${path}.endPort`, endPort, checkPortNumber(endPort))];
}

function checkPeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): readonly FieldError[] {
  if (podSelector === undefined && namespaceSelector === undefined && ipBlock === undefined) return [required(path, "must specify a peer")];
  if (ipBlock === undefined) return [...checkLabelSelector(`${path}.podSelector`, podSelector ?? {}), ...checkLabelSelector(`${path}.namespaceSelector`, namespaceSelector ?? {})];
  if (podSelector !== undefined || namespaceSelector !== undefined) return [forbidden(path, "may not specify both ipBlock and another peer")];
  const errors = checkCidr(`${path}.ipBlock.cidr`, ipBlock.cidr);
  if (errors.length > 0) return errors;
  return (ipBlock.except ?? []).flatMap((except, index) => {
    const at = `${path}.ipBlock.except[${index}]`;
    const wrong = checkCidr(at, except);
    if (wrong.length > 0) return wrong;
    return isWithinCidr(except, ipBlock.cidr) ? [] : [invalid(at, except, "must be a strict subset of `cidr`")];
  });
}
