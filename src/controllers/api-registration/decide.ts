import { isOfKind } from "../../api/shape.ts";
import { localPriority } from "../../api/aggregation/priorities.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import { APIServiceKind, CustomResourceDefinitionKind } from "../../model/kinds/api-extensions.ts";
import type { CustomResourceDefinition } from "../../model/kinds/api-extensions.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";

/** Says of an APIService that it is kept true to what is served here. @see kubernetes kube-aggregator pkg/controllers/autoregister */
export const managedLabel = "kube-aggregator.kubernetes.io/automanaged";

/** Of groups that are built in, and of those of definitions, as upstream names them. */
const managed = { builtIn: "onstart", definition: "true" } as const;

/** A group and version that is served here. */
export interface LocalVersion {
  readonly group: string;
  readonly version: string;
}

/** The name of the APIService of a group and version. */
export function apiServiceName({ group, version }: LocalVersion): string {
  return `${version}.${group}`;
}

/** Every group and version of kinds that has an APIService: that of APIServices themselves has none. */
export function registeredVersions(kinds: readonly Kind[]): readonly LocalVersion[] {
  const byName = new Map(kinds.filter(({ group }) => group !== APIServiceKind.group).map(({ group, version }) => [`${group}/${version}`, { group, version }]));
  return [...byName.values()];
}

/** The versions a definition serves. */
export function versionsOfDefinition({ spec: { group, versions } }: CustomResourceDefinition): readonly LocalVersion[] {
  return versions.filter(({ served }) => served).map(({ name }) => ({ group, version: name }));
}

/** The APIServices a change of a definition is about, for whoever is woken by it. */
export function namesOfDefinition(object: ApiObject, previous: ApiObject | undefined): readonly ObjectRef[] {
  const known = [object, ...(previous === undefined ? [] : [previous])].filter((one) => isOfKind(CustomResourceDefinitionKind, one));
  return [...new Set(known.flatMap(versionsOfDefinition).map(apiServiceName))].map((name) => ({ namespace: "", name }));
}

/** The APIService that is to be; undefined where nothing of the name is served here. Pure. */
export function wantedApiService(name: string, builtIn: readonly LocalVersion[], definitions: readonly CustomResourceDefinition[]): APIService | undefined {
  const find = (versions: readonly LocalVersion[]) => versions.find((one) => apiServiceName(one) === name);
  const ofKinds = find(builtIn);
  const served = ofKinds ?? find(definitions.flatMap(versionsOfDefinition));
  if (served === undefined) return undefined;
  const { group, version } = served;
  const priority = localPriority(group, version);
  return {
    apiVersion: apiVersionOf(APIServiceKind), kind: APIServiceKind.kind, metadata: { name, labels: { [managedLabel]: ofKinds === undefined ? managed.definition : managed.builtIn } },
    spec: { ...(group === "" ? {} : { group }), version, groupPriorityMinimum: priority.group, versionPriority: priority.version }, status: {},
  };
}

/** What is to be done about an APIService. */
export type Registration =
  | { readonly kind: "create" | "update"; readonly object: APIService }
  | { readonly kind: "remove"; readonly uid: string }
  | { readonly kind: "keep" };

/** Makes what is missing, sets right what was changed, and removes what is served no more. What somebody made without the label is theirs. Pure. */
export function decideRegistration(existing: APIService | undefined, wanted: APIService | undefined): Registration {
  if (existing === undefined) return wanted === undefined ? { kind: "keep" } : { kind: "create", object: wanted };
  if (existing.metadata.deletionTimestamp !== undefined || !isManaged(existing)) return { kind: "keep" };
  if (wanted === undefined) return { kind: "remove", uid: existing.metadata.uid ?? "" };
  return isEqual(existing.spec, wanted.spec) ? { kind: "keep" } : { kind: "update", object: { ...existing, spec: wanted.spec } };
}

function isManaged({ metadata }: APIService): boolean {
  const label = metadata.labels?.[managedLabel];
  return label === managed.builtIn || label === managed.definition;
}
