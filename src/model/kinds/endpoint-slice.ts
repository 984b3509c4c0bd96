import { isEqual } from "../../value/equal.ts";
import { ipFamilyOf } from "../../value/ip.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from "../../value/names.ts";
import { duplicate, invalid, invalidEach, required, tooMany } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../generated/discovery-v1.ts";
import type { Kind } from "../kind.ts";
import { checkEndpointIp, ipMessage } from "./_endpoint-address.ts";
import { ageColumn, firstThree, nameColumn, textColumn } from "../columns.ts";

export type { EndpointSlice } from "../generated/discovery-v1.ts";

/** Names the Service a slice belongs to. */
export const serviceNameLabel = "kubernetes.io/service-name";

/** Upstream's bounds of one slice. */
export const endpointsPerSliceMax = 1000;
const portsPerSliceMax = 20_000;
const addressesPerEndpointMax = 100;
const hintsMax = 8;

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
  prepare: withoutTopology,
  validate: checkSlice,
  warn: ({ addressType }, old) => (old === undefined && addressType === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : []),
};

/** Where an endpoint is stands in fields of their own; what older versions wrote of it is not kept. @see kubernetes pkg/registry/discovery/endpointslice/strategy.go dropTopologyOnV1 */
function withoutTopology(slice: EndpointSlice): EndpointSlice {
  if (!(slice.endpoints ?? []).some(({ deprecatedTopology }) => deprecatedTopology !== undefined)) return slice;
  return { ...slice, endpoints: (slice.endpoints ?? []).map(({ deprecatedTopology: _topology, ...endpoint }) => endpoint) };
}

/** Endpoints that were taken once are taken as long as they do not change. @see kubernetes pkg/apis/discovery/validation/validation.go */
function checkSlice({ addressType, endpoints, ports }: EndpointSlice, old: EndpointSlice | undefined): readonly FieldError[] {
  const errors = checkEndpoints(endpoints ?? [], addressType);
  return [...checkPorts(ports ?? []), ...(errors.length > 0 && old !== undefined && isEqual(endpoints ?? [], old.endpoints ?? []) ? [] : errors)];
}

function checkPorts(ports: readonly EndpointPort[]): readonly FieldError[] {
  if (ports.length > portsPerSliceMax) return [tooMany("ports", ports.length, portsPerSliceMax)];
  const names = new Set<string>();
  return ports.flatMap(({ name = "", appProtocol }, index) => {
    const path = `ports[${index}]`;
    const isRepeated = names.has(name);
    names.add(name);
    return [
      ...(name === "" ? [] : invalidEach(`${path}.name`, name, checkDnsLabel(name))),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
      ...(appProtocol === undefined ? [] : invalidEach(`${path}.appProtocol`, appProtocol, checkQualifiedName(appProtocol))),
    ];
  });
}

function checkEndpoints(endpoints: readonly Endpoint[], addressType: EndpointSlice["addressType"]): readonly FieldError[] {
  if (endpoints.length > endpointsPerSliceMax) return [tooMany("endpoints", endpoints.length, endpointsPerSliceMax)];
  return endpoints.flatMap(({ addresses, nodeName, hostname, hints }, index) => {
    const path = `endpoints[${index}]`;
    return [
      ...(addresses.length === 0 ? [required(`${path}.addresses`, "must contain at least 1 address")] : []),
      ...(addresses.length > addressesPerEndpointMax ? [tooMany(`${path}.addresses`, addresses.length, addressesPerEndpointMax)] : []),
      ...addresses.flatMap((address, at) => checkAddress(address, addressType, { path: `${path}.addresses`, at })),
      ...(nodeName === undefined ? [] : invalidEach(`${path}.nodeName`, nodeName, checkDnsSubdomain(nodeName))),
      ...(hostname === undefined ? [] : invalidEach(`${path}.hostname`, hostname, checkDnsLabel(hostname))),
      ...(hints === undefined ? [] : [
        ...checkHints(hints.forZones ?? [], `${path}.hints.forZones`, checkLabelValue),
        ...checkHints(hints.forNodes ?? [], `${path}.hints.forNodes`, checkDnsSubdomain),
      ]),
    ];
  });
}

function checkAddress(address: string, addressType: EndpointSlice["addressType"], { path, at }: { readonly path: string; readonly at: number }): readonly FieldError[] {
  const place = `${path}[${at}]`;
  if (addressType === "FQDN") return checkFullName(address, place);
  const family = ipFamilyOf(address);
  if (family === undefined) return [invalid(place, address, ipMessage)];
  return [...(family === addressType ? [] : [invalid(path, address, `must be an ${addressType} address`)]), ...checkEndpointIp(address, place)];
}

/** @see kubernetes apimachinery pkg/util/validation/validation.go IsFullyQualifiedDomainName */
function checkFullName(text: string, path: string): readonly FieldError[] {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (text === "") return [required(path)];
  const problems = checkDnsSubdomain(name);
  if (problems.length > 0) return [invalid(path, name, problems.join(","))];
  return name.includes(".") ? [] : [invalid(path, name, "should be a domain with at least two segments separated by dots")];
}

function checkHints(hints: readonly { readonly name: string }[], path: string, checkName: (name: string) => readonly string[]): readonly FieldError[] {
  if (hints.length > hintsMax) return [tooMany(path, hints.length, hintsMax)];
  return hints.flatMap(({ name }, index) => [
    ...(hints.findIndex((hint) => hint.name === name) < index ? [duplicate(`${path}[${index}].name`, name)] : []),
    ...invalidEach(`${path}[${index}].name`, name, checkName(name)),
  ]);
}
