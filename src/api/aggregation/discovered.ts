import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { metadataOf, textOf } from "../shape.ts";

/** Resources of one group and version, each as APIResourceDiscovery of `apidiscovery.k8s.io/v2`. */
export type DiscoveredResources = readonly JsonObject[];

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: Json): one is JsonObject => isJsonObject(one)) : [];
}

/** What an APIGroupDiscoveryList, of v2 or v2beta1, says of a group and version; none where it is not told of. Pure. */
export function parseGroupDiscovery(list: JsonObject, group: string, version: string): DiscoveredResources {
  const found = objectsIn(list["items"]).find((item) => textOf(metadataOf(item), "name") === group);
  const versioned = objectsIn(found?.["versions"]).find((one) => textOf(one, "version") === version);
  return objectsIn(versioned?.["resources"]).map(withResponseKinds);
}

/** Clients of 1.26 break on a resource that does not say what it answers. @see kubernetes issue 118361 */
function withResponseKinds(resource: JsonObject): JsonObject {
  const { subresources } = resource;
  return {
    ...resource, responseKind: kindIn(resource["responseKind"]),
    ...(Array.isArray(subresources) ? { subresources: objectsIn(subresources).map((one) => ({ ...one, responseKind: kindIn(one["responseKind"]) })) } : {}),
  };
}

function kindIn(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : { group: "", version: "", kind: "" };
}

/** The same from an APIResourceList, for servers that have no other discovery. Pure. @see kubernetes apiserver pkg/endpoints/installer.go ConvertGroupVersionIntoToDiscovery */
export function parseResourceList(list: JsonObject): DiscoveredResources {
  const byName = new Map<string, Record<string, Json>>();
  for (const resource of objectsIn(list["resources"])) {
    const [plural = "", ...rest] = textOf(resource, "name").split("/");
    const responseKind = { group: textOf(resource, "group"), version: textOf(resource, "version"), kind: textOf(resource, "kind") };
    const scope = resource["namespaced"] === true ? "Namespaced" : "Cluster";
    const known = byName.get(plural) ?? { resource: plural, responseKind: kindIn(undefined), scope, singularResource: "", verbs: [] };
    byName.set(plural, rest.length === 0 ? { ...known, ...ownPart(resource, { plural, responseKind, scope }) } : {
      ...known, subresources: [...objectsIn(known["subresources"]), { subresource: rest.join("/"), responseKind, verbs: resource["verbs"] ?? [] }],
    });
  }
  return [...byName.values()];
}

function ownPart(resource: JsonObject, { plural, responseKind, scope }: { readonly plural: string; readonly responseKind: JsonObject; readonly scope: string }): Readonly<Record<string, Json>> {
  return {
    resource: plural, responseKind, scope, singularResource: textOf(resource, "singularName"), verbs: resource["verbs"] ?? [],
    ...(resource["shortNames"] === undefined ? {} : { shortNames: resource["shortNames"] }), ...(resource["categories"] === undefined ? {} : { categories: resource["categories"] }),
  };
}

/** Where a server's OpenAPI v3 document of a group and version is to be had, `?hash=…` included; undefined where its index has none. Pure. */
export function parseOpenApiIndex(index: JsonObject, group: string, version: string): string | undefined {
  const { paths } = index;
  const path = `apis/${group}/${version}`;
  const entry = paths !== undefined && isJsonObject(paths) ? paths[path] : undefined;
  if (entry === undefined || !isJsonObject(entry)) return undefined;
  const [, query] = textOf(entry, "serverRelativeURL").split("?");
  return `/openapi/v3/${path}${query === undefined ? "" : `?${query}`}`;
}
