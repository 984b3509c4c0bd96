import { isEqual } from "../../value/equal.ts";
import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber } from "../../value/names.ts";
import { checkLabels } from "../check-metadata.ts";
import type { FieldError } from "../field-error.ts";
import type { Service, ServicePort, ServiceSpec } from "../generated/core-v1.ts";

const noAddress = "None";

/**
 * Checks a Service's ports, addresses and type.
 * @see kubernetes pkg/apis/core/validation/validation.go ValidateService
 */
export function checkService({ spec }: Service, old: Service | undefined): readonly FieldError[] {
  const errors: FieldError[] = [...checkLabels(spec.selector ?? {}, "spec.selector")];
  const ports = spec.ports ?? [];
  const isHeadless = spec.clusterIP === noAddress;
  if (ports.length === 0 && !isHeadless && spec.type !== "ExternalName") errors.push({ type: "Required", path: "spec.ports", detail: "" });
  ports.forEach((port, index) => errors.push(...checkPort(port, { spec, index })));
  errors.push(...checkRepeats(ports));
  if (spec.type === "ExternalName") errors.push(...checkExternalName(spec));
  if (isHeadless && (spec.type === "NodePort" || spec.type === "LoadBalancer")) {
    errors.push({ type: "Invalid", path: "spec.clusterIPs[0]", value: noAddress, detail: `may not be set to 'None' for ${spec.type} services` });
  }
  (spec.clusterIPs ?? []).forEach((address, index) => {
    if (address !== noAddress && ipFamilyOf(address) === undefined) errors.push({ type: "Invalid", path: `spec.clusterIPs[${index}]`, value: address, detail: "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" });
  });
  if (spec.clusterIP !== undefined && spec.clusterIPs !== undefined && spec.clusterIPs.length > 0 && spec.clusterIPs[0] !== spec.clusterIP) {
    errors.push({ type: "Invalid", path: "spec.clusterIPs", value: spec.clusterIPs, detail: "first value must match `clusterIP`" });
  }
  if (old !== undefined) errors.push(...checkAddressKept(spec, old.spec));
  return errors;
}

function checkPort(port: ServicePort, { spec, index }: { readonly spec: ServiceSpec; readonly index: number }): readonly FieldError[] {
  const path = `spec.ports[${index}]`;
  const errors: FieldError[] = [];
  const name = port.name ?? "";
  if (name === "" && (spec.ports ?? []).length > 1) errors.push({ type: "Required", path: `${path}.name`, detail: "" });
  if (name !== "") errors.push(...checkDnsLabel(name).map((detail) => ({ type: "Invalid", path: `${path}.name`, value: name, detail }) as const));
  errors.push(...checkPortNumber(port.port).map((detail) => ({ type: "Invalid", path: `${path}.port`, value: port.port, detail }) as const));
  if (port.targetPort !== undefined && spec.clusterIP !== noAddress) {
    const problems = typeof port.targetPort === "number" ? checkPortNumber(port.targetPort) : checkPortName(port.targetPort);
    errors.push(...problems.map((detail) => ({ type: "Invalid", path: `${path}.targetPort`, value: port.targetPort, detail }) as const));
  }
  if (port.nodePort !== undefined && port.nodePort !== 0) {
    if (spec.type === "ClusterIP") errors.push({ type: "Forbidden", path: `${path}.nodePort`, detail: "may not be used when `type` is 'ClusterIP'" });
    else errors.push(...checkPortNumber(port.nodePort).map((detail) => ({ type: "Invalid", path: `${path}.nodePort`, value: port.nodePort, detail }) as const));
  }
  return errors;
}

function checkRepeats(ports: readonly ServicePort[]): readonly FieldError[] {
  return ports.flatMap((port, index): readonly FieldError[] => {
    const before = ports.slice(0, index);
    const errors: FieldError[] = [];
    if ((port.name ?? "") !== "" && before.some((other) => other.name === port.name)) errors.push({ type: "Duplicate", path: `spec.ports[${index}].name`, value: port.name, detail: "" });
    const key = { port: port.port, protocol: port.protocol ?? "TCP" };
    if (before.some((other) => isEqual({ port: other.port, protocol: other.protocol ?? "TCP" }, key))) errors.push({ type: "Duplicate", path: `spec.ports[${index}]`, value: key, detail: "" });
    return errors;
  });
}

function checkExternalName(spec: ServiceSpec): readonly FieldError[] {
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const errors: FieldError[] = [];
  if ((spec.clusterIP ?? "") !== "") errors.push({ type: "Forbidden", path: "spec.clusterIPs", detail: "may not be set for ExternalName services" });
  if (name === "") return [...errors, { type: "Required", path: "spec.externalName", detail: "" }];
  return [...errors, ...checkDnsSubdomain(name).map((detail) => ({ type: "Invalid", path: "spec.externalName", value: name, detail }) as const)];
}

/** An address once given stays as long as the service has one. */
function checkAddressKept(spec: ServiceSpec, old: ServiceSpec): readonly FieldError[] {
  const before = old.clusterIP ?? "";
  if (before === "" || old.type === "ExternalName" || spec.type === "ExternalName" || before === (spec.clusterIP ?? "")) return [];
  return [{ type: "Invalid", path: "spec.clusterIPs[0]", value: spec.clusterIPs ?? [], detail: "may not change once set" }];
}
