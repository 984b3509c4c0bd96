// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { Json } from "../../value/json.ts";
import type { LocalObjectReference } from "./core-v1.ts";
import type { Condition, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Repository extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: RepositorySpec;
  readonly status: RepositoryStatus;
}

export interface RepositorySpec {
  readonly url?: string;
  readonly hosted?: boolean;
  readonly secretRef?: LocalObjectReference;
  readonly webhookSecretRef?: LocalObjectReference;
  readonly pollIntervalSeconds?: number;
  readonly insecure?: boolean;
  readonly type?: "git" | "helm";
  readonly keyringSecretRef?: LocalObjectReference;
}

export interface RepositoryStatus {
  readonly observedGeneration?: number;
  readonly refs?: readonly (RepositoryRef)[];
  readonly fetchedAt?: string;
  readonly fetchedBytes?: number;
  readonly conditions?: readonly (Condition)[];
}

export interface RepositoryRef {
  readonly name: string;
  readonly commit: string;
}

export interface Application extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: ApplicationSpec;
  readonly status: ApplicationStatus;
}

export interface ApplicationSpec {
  readonly source: ApplicationSource;
  readonly destination: ApplicationDestination;
  readonly syncPolicy?: SyncPolicy;
  readonly ignoreDifferences?: readonly (IgnoreDifference)[];
  readonly revisionHistoryLimit?: number;
  readonly suspend?: boolean;
  readonly serviceAccountName?: string;
}

export interface ApplicationSource {
  readonly repoURL: string;
  readonly targetRevision?: string;
  readonly path?: string;
  readonly helm?: ApplicationSourceHelm;
  readonly directory?: ApplicationSourceDirectory;
  readonly chart?: string;
}

export interface ApplicationSourceHelm {
  readonly releaseName?: string;
  readonly valueFiles?: readonly (string)[];
  readonly valuesObject?: Json;
  readonly values?: string;
  readonly parameters?: readonly (HelmParameter)[];
  readonly skipCrds?: boolean;
  readonly ignoreMissingValueFiles?: boolean;
  readonly skipTests?: boolean;
  readonly skipSchemaValidation?: boolean;
  readonly fileParameters?: readonly (HelmFileParameter)[];
}

export interface HelmFileParameter {
  readonly name: string;
  readonly path: string;
}

export interface HelmParameter {
  readonly name: string;
  readonly value: string;
  readonly forceString?: boolean;
}

export interface ApplicationSourceDirectory {
  readonly recurse?: boolean;
  readonly include?: string;
  readonly exclude?: string;
}

export interface ApplicationDestination {
  readonly server?: string;
  readonly namespace?: string;
}

export interface SyncPolicy {
  readonly automated?: SyncPolicyAutomated;
  readonly syncOptions?: readonly (string)[];
  readonly retry?: RetryStrategy;
}

export interface SyncPolicyAutomated {
  readonly enabled?: boolean;
  readonly prune?: boolean;
  readonly selfHeal?: boolean;
  readonly allowEmpty?: boolean;
}

export interface RetryStrategy {
  readonly limit?: number;
  readonly backoff?: Backoff;
}

export interface Backoff {
  readonly duration?: string;
  readonly factor?: number;
  readonly maxDuration?: string;
}

export interface IgnoreDifference {
  readonly group?: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: readonly (string)[];
}

export interface ApplicationStatus {
  readonly observedGeneration?: number;
  readonly sync?: SyncState;
  readonly health?: HealthState;
  readonly resources?: readonly (ResourceState)[];
  readonly inventory?: readonly (InventoryItem)[];
  readonly history?: readonly (HistoryEntry)[];
  readonly operationState?: OperationState;
  readonly conditions?: readonly (Condition)[];
  readonly planGeneration?: number;
  readonly pinnedRevision?: string;
  readonly reconciledAt?: string;
  readonly sourceType?: string;
  readonly release?: ReleaseState;
  readonly notes?: string;
}

export interface ReleaseState {
  readonly revision: number;
  readonly input: string;
}

export interface SyncState {
  readonly status: "Synced" | "OutOfSync" | "Unknown";
  readonly revision?: string;
  readonly treeDigest?: string;
  readonly author?: string;
  readonly message?: string;
  readonly committedAt?: string;
}

export interface HealthState {
  readonly status: "Healthy" | "Progressing" | "Degraded" | "Suspended" | "Missing" | "Unknown";
  readonly message?: string;
  readonly cause?: Cause;
}

export interface Cause {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly message: string;
}

export interface ResourceState {
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly status?: "Synced" | "OutOfSync" | "Missing" | "Extra" | "Unknown";
  readonly health?: HealthState;
  readonly wave?: number;
  readonly requiresPruning?: boolean;
  readonly drift?: readonly (string)[];
  readonly hook?: boolean;
  readonly hookType?: string;
}

export interface InventoryItem {
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

export interface HistoryEntry {
  readonly id: number;
  readonly revision: string;
  readonly sync: string;
  readonly deployedAt?: string;
  readonly author?: string;
  readonly message?: string;
  readonly planDigest?: string;
  readonly artifact?: string;
}

export interface OperationState {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Superseded";
  readonly sync?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly retryCount?: number;
  readonly retryAt?: string;
}

export interface Sync extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: SyncSpec;
  readonly status: SyncStatus;
}

export interface SyncSpec {
  readonly application: string;
  readonly trigger: "Push" | "Poll" | "Webhook" | "Manual" | "SelfHeal" | "Rollback" | "Retry" | "Change";
  readonly revision: string;
  readonly author?: string;
  readonly message?: string;
  readonly committedAt?: string;
  readonly planDigest: string;
  readonly planGeneration: number;
  readonly artifact?: string;
  readonly requestedBy?: string;
}

export interface SyncStatus {
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Superseded";
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly steps?: readonly (SyncStep)[];
  readonly timings?: readonly (SyncTiming)[];
  readonly attempts?: number;
  readonly storeRevision?: string;
}

export interface SyncStep {
  readonly wave: number;
  readonly action: "Create" | "Update" | "Move" | "Delete" | "Keep" | "Hook";
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly phase: "Pending" | "Done" | "Failed" | "Skipped";
  readonly message?: string;
  readonly diff?: readonly (string)[];
}

export interface SyncTiming {
  readonly stretch: string;
  readonly durationMs: number;
  readonly startedAt?: string;
}

export interface Artifact extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly mediaType: string;
  readonly digest: string;
  readonly data: string;
}
