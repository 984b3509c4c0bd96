import type { JsonObject } from "../../value/json.ts";
import { findCondition } from "../conditions.ts";
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "../generated/apiextensions-v1.ts";
import { parseJsonPath, readJsonPath } from "../../value/jsonpath.ts";
import type { Kind, Scale } from "../kind.ts";
import type { ApiObject } from "../object.ts";
import { columnsOfVersion } from "./columns.ts";
import { warnOfFinalizers } from "./finalizer-warnings.ts";
import { convertByName, objectSchemaOf } from "./object-schema.ts";
import type { Convert } from "./object-schema.ts";
import type { Schema } from "./schema-parts.ts";

/** What stands before the names of definitions' kinds where others have the name of a message. */
export const customMessagePrefix = "custom/";

/** The verbs left while a definition is being removed. */
const terminatingVerbs: readonly string[] = ["delete", "deletecollection", "get", "list", "watch"];

/** True for a definition whose kinds are to be served. */
export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return findCondition(status.conditions, "Established")?.status === "True";
}

/**
 * The kinds of a definition, one a served version; those that are not the storage version are views of it. A storage version that is not served is no
 * kind of the API, and still what the others are stored as.
 *
 * @param sinceRevision the store's revision of the definition: objects stored later follow it
 * @param ask how the definition's webhook is asked, where it has one
 */
export function kindsOfDefinition(definition: CustomResourceDefinition, sinceRevision: number, ask: Convert = convertByName): readonly Kind[] {
  const storage = definition.spec.versions.find((version) => version.storage);
  if (storage === undefined) return [];
  const convert = definition.spec.conversion?.strategy === "Webhook" ? ask : convertByName;
  const stored = kindOfVersion(definition, storage, { sinceRevision, convert });
  return definition.spec.versions.filter((version) => version.served).map((version) => {
    if (version === storage) return stored;
    return viewOf(kindOfVersion(definition, version, { sinceRevision, convert }), stored);
  });
}

function viewOf(kind: Kind, stored: Kind): Kind {
  const { schema } = kind;
  if (schema === undefined) return kind;
  return { ...kind, storedAs: { kind: stored, toStored: (view) => stored.schema?.renew(view) ?? view, toView: (object) => schema.renew(object) } };
}

function kindOfVersion(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion, how: { readonly sinceRevision: number; readonly convert: Convert }): Kind {
  const { group, scope } = definition.spec;
  const names = definition.status.acceptedNames ?? definition.spec.names;
  const kind = names.kind === "" ? definition.spec.names.kind : names.kind;
  const { subresources } = version;
  const schema: Schema = version.schema?.openAPIV3Schema ?? {};
  const facts = { group, version: version.name, kind, apiVersion: `${group}/${version.name}` };
  const scale = scaleOf(version);
  return {
    group, version: version.name, kind,
    plural: definition.spec.names.plural, singular: names.singular ?? kind.toLowerCase(),
    shortNames: names.shortNames ?? [], categories: names.categories ?? [],
    namespaced: scope === "Namespaced", needsRevision: true,
    message: `${customMessagePrefix}${group.split(".").toReversed().join(".")}.${version.name}.${kind}`,
    warn: warnOfFinalizers,
    schema: objectSchemaOf(schema, { ...facts, ...how }),
    ...(version.deprecated === true ? { deprecation: version.deprecationWarning ?? `${facts.apiVersion} ${kind} is deprecated` } : {}),
    hasStatus: subresources?.status !== undefined,
    ...(scale === undefined ? {} : { scale }),
    ...(definition.metadata.deletionTimestamp === undefined ? {} : { verbs: terminatingVerbs }),
    columns: columnsOfVersion(version.additionalPrinterColumns),
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ""), (object: ApiObject) => textAt(jsonPath, object)])),
  };
}


function scaleOf({ subresources }: CustomResourceDefinitionVersion): Scale | undefined {
  if (subresources?.scale === undefined) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = "" } = subresources.scale;
  return { specReplicasPath, statusReplicasPath, selectorPath: labelSelectorPath };
}

function textAt(jsonPath: string, object: ApiObject): string {
  const json: unknown = object;
  const [value] = readJsonPath(parseJsonPath(jsonPath), json as JsonObject);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${value}` : "";
}
