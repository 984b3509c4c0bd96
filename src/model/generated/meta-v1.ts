// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { Json, JsonObject } from "../../value/json.ts";

export interface APIGroup extends TypeMeta {
  readonly name: string;
  readonly versions: readonly (GroupVersionForDiscovery)[];
  readonly preferredVersion: GroupVersionForDiscovery;
  readonly serverAddressByClientCIDRs?: readonly (ServerAddressByClientCIDR)[];
}

export interface APIGroupList extends TypeMeta {
  readonly groups: readonly (APIGroup)[];
}

export interface APIResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: Verbs;
  readonly shortNames?: readonly (string)[];
  readonly categories?: readonly (string)[];
  readonly storageVersionHash?: string;
}

export interface APIResourceList extends TypeMeta {
  readonly groupVersion: string;
  readonly resources: readonly (APIResource)[];
}

export interface APIVersions extends TypeMeta {
  readonly versions: readonly (string)[];
  readonly serverAddressByClientCIDRs: readonly (ServerAddressByClientCIDR)[];
}

export interface ApplyOptions extends TypeMeta {
  readonly dryRun?: readonly (string)[];
  readonly force: boolean;
  readonly fieldManager: string;
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface CreateOptions extends TypeMeta {
  readonly dryRun?: readonly (string)[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

export interface DeleteOptions extends TypeMeta {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly dryRun?: readonly (string)[];
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

export interface FieldSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly (string)[];
}

export interface GetOptions extends TypeMeta {
  readonly resourceVersion?: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export interface GroupVersionForDiscovery {
  readonly groupVersion: string;
  readonly version: string;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly (LabelSelectorRequirement)[];
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly (string)[];
}

export interface List extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (JsonObject)[];
}

export interface ListMeta {
  readonly selfLink?: string;
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly shardInfo?: ShardInfo;
}

export interface ListOptions extends TypeMeta {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly watch?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly timeoutSeconds?: number;
  readonly limit?: number;
  readonly continue?: string;
  readonly sendInitialEvents?: boolean;
  readonly shardSelector?: string;
}

export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: "Apply" | "Update";
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Json;
  readonly subresource?: string;
}

export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly selfLink?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly (OwnerReference)[];
  readonly finalizers?: readonly (string)[];
  readonly managedFields?: readonly (ManagedFieldsEntry)[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface PartialObjectMetadata extends TypeMeta {
  readonly metadata: ObjectMeta;
}

export interface PartialObjectMetadataList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (PartialObjectMetadata)[];
}

export interface Patch {
}

export interface PatchOptions extends TypeMeta {
  readonly dryRun?: readonly (string)[];
  readonly force?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface RootPaths {
  readonly paths: readonly (string)[];
}

export interface ServerAddressByClientCIDR {
  readonly clientCIDR: string;
  readonly serverAddress: string;
}

export interface ShardInfo {
  readonly selector: string;
}

export interface Status extends TypeMeta {
  readonly metadata: ListMeta;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly (StatusCause)[];
  readonly retryAfterSeconds?: number;
}

export interface Table extends TypeMeta {
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly (TableColumnDefinition)[];
  readonly rows: readonly (TableRow)[];
}

export interface TableColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableOptions extends TypeMeta {
  readonly includeObject?: string;
}

export interface TableRow {
  readonly cells: readonly (Json)[];
  readonly conditions?: readonly (TableRowCondition)[];
  readonly object?: JsonObject;
}

export interface TableRowCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

export interface TypeMeta {
  readonly kind: string;
  readonly apiVersion: string;
}

export interface UpdateOptions extends TypeMeta {
  readonly dryRun?: readonly (string)[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

export type Verbs = readonly (string)[];

export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject;
}
