import type { Controller, ControllerContext, Outcome } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { kindsOfDefinition } from "../../model/custom/kinds-of.ts";
import { storedKindOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { CustomResourceDefinitionKind, cleanupFinalizer } from "../../model/kinds/api-extensions.ts";
import type { CustomResourceDefinition } from "../../model/kinds/api-extensions.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { decideStatus, decideTerminating } from "./decide.ts";

/** Objects that finalizers hold are looked at again after this time. */
const lookAgainMs = 1_000;

/** Gives definitions their names, says when they are served, and removes their objects before they go. */
export function customResourceDefinitionController(builtIn: readonly Kind[]): Controller<CustomResourceDefinition> {
  return {
    name: "custom-resource-definition",
    kind: CustomResourceDefinitionKind,
    reads: [CustomResourceDefinitionKind],
    customKinds: { reads: "metadata", writes: ["existence"] },
    writes: [{ kind: CustomResourceDefinitionKind, part: "status" }, { kind: CustomResourceDefinitionKind, part: "metadata" }],
    // A name that is given back may be what another waits for.
    wakes: [{
      kind: CustomResourceDefinitionKind,
      keys: (object, _previous, reader) => reader.list(CustomResourceDefinitionKind).filter((other) => isOfGroup(object, other)).map(refOf),
    }],
    async reconcile(_ref, definition, context) {
      if (definition === undefined) return { kind: "done" };
      if (definition.metadata.deletionTimestamp !== undefined) return removeObjects(definition, context);
      const others = context.reader.list(CustomResourceDefinitionKind);
      const status = decideStatus(definition, others, { builtIn, nowMs: context.world.clock.nowMs() });
      if (status !== definition.status) await context.writer.updateStatus(CustomResourceDefinitionKind, { ...definition, status });
      return { kind: "done" };
    },
  };
}

/** `spec.names.plural` and the group make the name: what stands behind the first dot is the group. */
function isOfGroup(changed: ApiObject, other: CustomResourceDefinition): boolean {
  return changed.metadata.name !== other.metadata.name && changed.metadata.name.endsWith(`.${other.spec.group}`);
}

async function removeObjects(definition: CustomResourceDefinition, context: ControllerContext): Promise<Outcome> {
  const finalizers = definition.metadata.finalizers ?? [];
  if (!finalizers.includes(cleanupFinalizer)) return { kind: "done" };
  const [kind] = kindsOfDefinition(definition, 0).map(storedKindOf);
  let left = 0;
  let failure: string | undefined;
  try {
    left = kind === undefined ? 0 : await emptyKind(kind, context);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const status = decideTerminating(definition, { left, failure, nowMs: context.world.clock.nowMs() });
  const current = status === definition.status ? definition : await context.writer.updateStatus(CustomResourceDefinitionKind, { ...definition, status });
  if (left > 0 || failure !== undefined) return { kind: "wait", afterMs: lookAgainMs, reason: "objects remain" };
  const { uid, resourceVersion } = current.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
  await context.writer.patch(CustomResourceDefinitionKind, refOf(current), { type: "merge", body: { metadata: { uid, resourceVersion, finalizers: others.length === 0 ? null : others } } });
  return { kind: "done" };
}

/** Removes all objects of a kind and answers how many stand afterwards. */
async function emptyKind(kind: Kind, { live, writer }: ControllerContext): Promise<number> {
  const { items } = await live.list(kind);
  for (const object of items) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    try {
      await writer.remove(kind, refOf(object), { preconditions: { uid: object.metadata.uid ?? "" } });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
  }
  return items.length === 0 ? 0 : (await live.list(kind)).items.length;
}
