import { ipFamilyOf } from "../../value/ip.ts";
import { invalid } from "../checks.ts";
import type { FieldError } from "../field-error.ts";

/** What is said of a text that is no address. */
export const ipMessage = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

const loopback = [/^(127\.|::1$)/, "may not be in the loopback range (127.0.0.0/8, ::1/128)"] as const;

const unreachable: readonly (readonly [addresses: RegExp, why: string])[] = [
  [/^(0\.0\.0\.0|::)$/, "may not be unspecified (0.0.0.0 or ::)"],
  loopback,
  [/^(169\.254\.|fe[89ab])/, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  [/^(224\.0\.0\.|ff02:)/, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
];

/** An address traffic is sent to: one that never leaves a net leads nowhere. @see kubernetes pkg/apis/core/validation/validation.go ValidateEndpointIP */
export function checkReachableIp(address: string, path: string): readonly FieldError[] {
  if (ipFamilyOf(address) === undefined) return [invalid(path, address, ipMessage)];
  const net = unreachable.find(([pattern]) => pattern.test(address.toLowerCase()));
  return net === undefined ? [] : [invalid(path, address, net[1])];
}

/** As `checkReachableIp`, but for the machine's own net, in which pods are that run as its processes. */
export function checkEndpointIp(address: string, path: string): readonly FieldError[] {
  return loopback[0].test(address) ? [] : checkReachableIp(address, path);
}
