import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsLabel } from "../../value/names.ts";
import type { FieldError } from "../field-error.ts";
import type { EndpointSlice } from "../generated/discovery-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, firstThree, nameColumn, textColumn } from "../columns.ts";

export type { EndpointSlice } from "../generated/discovery-v1.ts";

/** Upstream's bounds of one slice. */
export const endpointsPerSliceMax = 1000;
const portsPerSliceMax = 100;

/** EndpointSlice, `discovery.k8s.io/v1`. */
export const EndpointSliceKind: Kind<EndpointSlice> = {
  group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices", singular: "endpointslice", shortNames: [], categories: [],
  namespaced: true, message: "discovery/v1.EndpointSlice", hasStatus: false,
  columns: [
    nameColumn,
    textColumn("AddressType", ({ addressType }) => addressType),
    textColumn("Ports", ({ ports }) => firstThree((ports ?? []).map(({ port, name = "" }) => (port === undefined ? (name === "" ? "*" : name) : String(port))), "<unset>")),
    textColumn("Endpoints", ({ endpoints }) => firstThree((endpoints ?? []).flatMap(({ addresses }) => addresses), "<unset>")),
    ageColumn,
  ],
  selectableFields: {},
  immutable: ["addressType"],
  validate: checkSlice,
};

function checkSlice({ addressType, endpoints = [], ports = [] }: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (endpoints.length > endpointsPerSliceMax) errors.push({ type: "TooMany", path: "endpoints", value: endpoints.length, detail: `must have at most ${endpointsPerSliceMax} items` });
  if (ports.length > portsPerSliceMax) errors.push({ type: "TooMany", path: "ports", value: ports.length, detail: `must have at most ${portsPerSliceMax} items` });
  endpoints.forEach(({ addresses }, index) => {
    const path = `endpoints[${index}].addresses`;
    if (addresses.length === 0) errors.push({ type: "Required", path, detail: "must contain at least 1 address" });
    addresses.forEach((address, at) => {
      const isRight = addressType === "FQDN" ? address !== "" : ipFamilyOf(address) === addressType;
      if (!isRight) errors.push({ type: "Invalid", path: `${path}[${at}]`, value: address, detail: `must be an ${addressType} address` });
    });
  });
  const names = new Set<string>();
  ports.forEach(({ name = "" }, index) => {
    if (name !== "") errors.push(...checkDnsLabel(name).map((detail) => ({ type: "Invalid", path: `ports[${index}].name`, value: name, detail }) as const));
    if (names.has(name)) errors.push({ type: "Duplicate", path: `ports[${index}].name`, value: name, detail: "" });
    names.add(name);
  });
  return errors;
}
