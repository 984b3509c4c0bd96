import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsSubdomain } from "../../value/names.ts";
import { forbidden, invalid, invalidEach, required } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { LoadBalancerIngress, Service } from "../generated/core-v1.ts";
import { notSupported } from "../print-field-error.ts";
import { ipMessage } from "./_endpoint-address.ts";

const modes = ["VIP", "Proxy"];

/** Checks where a load balancer says that it is. @see kubernetes pkg/apis/core/validation/validation.go ValidateLoadBalancerStatus */
export function checkServiceStatus({ spec, status }: Service): readonly FieldError[] {
  const ingress = status.loadBalancer?.ingress ?? [];
  const path = "status.loadBalancer.ingress";
  if (ingress.length > 0 && spec.type !== "LoadBalancer") return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap((place, index) => checkIngress(place, `${path}[${index}]`));
}

function checkIngress({ ip = "", ipMode, hostname = "" }: LoadBalancerIngress, path: string): readonly FieldError[] {
  return [
    ...(ip === "" || ipFamilyOf(ip) !== undefined ? [] : [invalid(`${path}.ip`, ip, ipMessage)]),
    ...checkMode(ip, ipMode, `${path}.ipMode`),
    ...(hostname === "" ? [] : invalidEach(`${path}.hostname`, hostname, [...checkDnsSubdomain(hostname), ...(ipFamilyOf(hostname) === undefined ? [] : ["must be a DNS name, not an IP address"])])),
  ];
}

function checkMode(ip: string, ipMode: string | undefined, path: string): readonly FieldError[] {
  if (ipMode === undefined) return ip === "" ? [] : [required(path, "must be specified when `ip` is set")];
  if (ip === "") return [forbidden(path, "may not be specified when `ip` is not set")];
  return modes.includes(ipMode) ? [] : [notSupported(path, ipMode, modes)];
}
