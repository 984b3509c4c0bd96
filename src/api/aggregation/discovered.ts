import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { metadataOf, textOf, textsOf } from "../shape.ts";

/** Resources of one group and version, each as APIResourceDiscovery of `apidiscovery.k8s.io/v2`. */
export type DiscoveredResources = readonly JsonObject[];

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: Json): one is JsonObject => isJsonObject(one)) : [];
}

/** What an APIGroupDiscoveryList, of v2 or v2beta1, says of a group and version; none where it is not told of. What is no discovery is left out. Pure. */
export function parseGroupDiscovery(list: JsonObject, group: string, version: string): DiscoveredResources {
  const found = objectsIn(list["items"]).find((item) => textOf(metadataOf(item), "name") === group);
  const versioned = objectsIn(found?.["versions"]).find((one) => textOf(one, "version") === version);
  return objectsIn(versioned?.["resources"]).map((resource) => {
    const subresources = objectsIn(resource["subresources"]).map((one) => {
      const acceptedTypes = objectsIn(one["acceptedTypes"]).map(kindIn);
      return { subresource: textOf(one, "subresource"), responseKind: kindIn(one["responseKind"]), ...(acceptedTypes.length === 0 ? {} : { acceptedTypes }), verbs: textsOf(one, "verbs") };
    });
    return {
      resource: textOf(resource, "resource"), responseKind: kindIn(resource["responseKind"]), scope: textOf(resource, "scope"), singularResource: textOf(resource, "singularResource"),
      ...namesIn(resource), ...(subresources.length === 0 ? {} : { subresources }),
    };
  });
}

/** Clients of 1.26 break on a resource that does not say what it answers. @see kubernetes issue 118361 */
function kindIn(value: Json | undefined): JsonObject {
  const kind = value !== undefined && isJsonObject(value) ? value : {};
  return { group: textOf(kind, "group"), version: textOf(kind, "version"), kind: textOf(kind, "kind") };
}

function namesIn(resource: JsonObject): Readonly<Record<string, Json>> {
  const [shortNames, categories] = [textsOf(resource, "shortNames"), textsOf(resource, "categories")];
  return { verbs: textsOf(resource, "verbs"), ...(shortNames.length === 0 ? {} : { shortNames }), ...(categories.length === 0 ? {} : { categories }) };
}

/** The same from an APIResourceList, for servers that have no other discovery. Pure. @see kubernetes apiserver pkg/endpoints/installer.go ConvertGroupVersionIntoToDiscovery */
export function parseResourceList(list: JsonObject): DiscoveredResources {
  const byName = new Map<string, Readonly<Record<string, Json>>>();
  for (const listed of objectsIn(list["resources"])) {
    const [resource = "", ...rest] = textOf(listed, "name").split("/");
    const responseKind = kindIn(listed);
    const known = byName.get(resource) ?? { resource, responseKind: kindIn(undefined), scope: listed["namespaced"] === true ? "Namespaced" : "Cluster", singularResource: "", verbs: [] };
    byName.set(resource, rest.length === 0 ? { ...known, responseKind, singularResource: textOf(listed, "singularName"), ...namesIn(listed) } : {
      ...known, subresources: [...objectsIn(known["subresources"]), { subresource: rest.join("/"), responseKind, verbs: textsOf(listed, "verbs") }],
    });
  }
  return [...byName.values()];
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
