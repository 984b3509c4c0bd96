import type { Application } from "../model/kinds/application.ts";
import type { Kind } from "../model/kind.ts";
import type { ObjectMeta } from "../model/generated/meta-v1.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";

/** Says which application an object belongs to: `namespace/name`. Annotations, as labels are the user's and may be selected on. */
export const applicationAnnotation = "capstan.dev/application";
/** The wave an object is committed in; an integer, 0 when absent. */
export const waveAnnotation = "capstan.dev/wave";
/** Comma-separated options of one object: `Prune=false`. */
export const syncOptionsAnnotation = "capstan.dev/sync-options";
/** On an Application: a wish to sync now. The value says who asked. */
export const syncRequestAnnotation = "capstan.dev/sync-requested";
/** On an Application: a wish to ask Git again now. */
export const refreshAnnotation = "capstan.dev/refresh";
/** On an Application: a wish to go back to what a Sync, named by the value, deployed. */
export const rollbackRequestAnnotation = "capstan.dev/rollback-to";
/** On an Application: a wish to run the tests of its release now. */
export const testRequestAnnotation = "capstan.dev/test-requested";
/** On an Application: how the tests asked for last ended, `Succeeded: …` or `Failed: …`. */
export const testResultAnnotation = "capstan.dev/test-result";
/** On an Application: who asked for the sync or rollback. */
export const requestedByAnnotation = "capstan.dev/requested-by";
/** On an Application: removing it removes what it deployed first, as Argo CD's resources finalizer does. */
export const pruneFinalizer = "capstan.dev/resources-finalizer";
/** Label on Sync and Artifact objects: the application's name. */
export const applicationLabel = "capstan.dev/application";
/** Shown in place of a secret value. */
export const hiddenValue = "(hidden)";

/** Names one object of one kind, whatever its version. */
export interface ResourceId extends ObjectRef {
  readonly group: string;
  readonly kind: string;
}

/** `apps/Deployment/shop/web`: one text per object, for maps and messages. */
export function resourceKey(id: ResourceId): string {
  return `${id.group}/${id.kind}/${id.namespace}/${id.name}`;
}

/** `Deployment shop/web`, as people say it. */
export function resourceText(id: ResourceId): string {
  return `${id.kind} ${id.namespace === "" ? id.name : `${id.namespace}/${id.name}`}`;
}

/** The id of an object of a kind. */
export function resourceIdOf(kind: Kind, object: ApiObject): ResourceId {
  return { group: kind.group, kind: kind.kind, namespace: kind.namespaced ? (object.metadata.namespace ?? "") : "", name: object.metadata.name };
}

/** `namespace/name` of the application an object says it belongs to. */
export function trackedBy(object: ApiObject): string | undefined {
  return object.metadata.annotations?.[applicationAnnotation];
}

/** `namespace/name` of an application. */
export function applicationKey(application: Application): string {
  return `${application.metadata.namespace ?? ""}/${application.metadata.name}`;
}

/** What the metadata of an application's records say of it: they are found by its name, and go with it. */
export function metadataOfRecord({ apiVersion, kind, metadata }: Application): Pick<ObjectMeta, "namespace" | "labels" | "ownerReferences"> {
  return {
    namespace: metadata.namespace ?? "", labels: { [applicationLabel]: metadata.name },
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", controller: true, blockOwnerDeletion: false }],
  };
}

/** What an object asks of the syncs that touch it: `Prune=false`. */
export function syncOptionsOf(object: ApiObject): ReadonlySet<string> {
  return new Set((object.metadata.annotations?.[syncOptionsAnnotation] ?? "").split(",").map((option) => option.trim()));
}
