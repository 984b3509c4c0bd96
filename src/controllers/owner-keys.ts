import { controllerOf } from "../model/object.ts";
import type { ApiObject, ObjectRef } from "../model/object.ts";

/** The keys of an object's controllers of one kind, now and before the change. */
export function ownerKeys(object: ApiObject, previous: ApiObject | undefined, ownerKind: string): readonly ObjectRef[] {
  const namespace = object.metadata.namespace ?? "";
  const names = [controllerOf(object), previous === undefined ? undefined : controllerOf(previous)]
    .flatMap((owner) => (owner?.kind === ownerKind ? [owner.name] : []));
  return [...new Set(names)].map((name) => ({ namespace, name }));
}
