import { findMessage, schemaPackages } from "./schema.ts";

/** Kinds of `meta/v1` that travel under the apiVersion of whoever sends them. */
const metaKinds: ReadonlySet<string> = new Set(["APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "DeleteOptions", "Status"]);

/** Versions that differ from a later one in their name alone. */
const alikeVersions = [["meta.k8s.io/v1beta1", "meta/v1"], ["apidiscovery.k8s.io/v2beta1", "apidiscovery/v2"]] as const;

const packageOf: ReadonlyMap<string, string> = new Map([...schemaPackages.map((one) => [one.apiVersion, one.package] as const), ...alikeVersions]);

/** The message of an apiVersion and kind, lists and options included; undefined for what protobuf does not have. */
export function protobufMessageOf(apiVersion: string, kind: string): string | undefined {
  const folder = metaKinds.has(kind) ? "meta/v1" : packageOf.get(apiVersion);
  const name = `${folder ?? ""}.${kind}`;
  const message = findMessage(name);
  return message !== undefined && Object.values(message.fields).some(({ number }) => number !== undefined) ? name : undefined;
}
