import type { Controller, ControllerContext, Wake } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import { EventKind } from "../../model/kinds/event.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { isEqual } from "../../value/equal.ts";
import type { ForeignOutcome } from "../../api/aggregation/foreign-content.ts";
import { decideConditions } from "./decide.ts";
import type { Remainder } from "./decide.ts";

/** The finalizer in a Namespace's spec that stands for its content. */
const contentFinalizer = "kubernetes";
/** A namespace with content left is looked at again after this time at the latest: something may come in without our hearing of it. */
const lookAgainMs = 5000;

/** Empties a namespace of what other servers have in it. Never rejects. */
export type EmptyElsewhere = (namespace: string) => Promise<ForeignOutcome>;

/**
 * Empties namespaces that are being deleted, of pods first, then of every other kind, and lets them go. As long as nobody knows what another server has,
 * no namespace is known to be empty.
 */
export function namespaceController(kinds: readonly Kind[], emptyElsewhere: EmptyElsewhere = nothingElsewhere): Controller<Namespace> {
  const namespaced = [PodKind, ...kinds.filter((kind) => kind.namespaced && kind !== PodKind)];
  return {
    name: "namespace-controller",
    user: "system:serviceaccount:kube-system:namespace-controller",
    kind: NamespaceKind,
    reads: [NamespaceKind],
    // Events come and go too often to be watched for this: they are only listed, at the end.
    readsMetadata: namespaced,
    writes: [
      ...namespaced.map((kind) => ({ kind, part: "existence" as const })),
      { kind: NamespaceKind, part: "status" },
      { kind: NamespaceKind, part: "spec", fields: ["spec.finalizers"] },
    ],
    wakes: namespaced.filter((kind) => kind !== EventKind).map(wakeBy),
    customKinds: { reads: "metadata", writes: ["existence"], wakes: (kind) => [wakeBy(kind)] },
    concurrency: 10,
    reconcile: (_ref, namespace, context) => emptyNamespace(namespace, [...namespaced, ...context.reader.customKinds.filter((kind) => kind.namespaced)], { ...context, emptyElsewhere }),
  };
}

const nothingElsewhere: EmptyElsewhere = async () => ({ left: [], unknown: [], failure: undefined });

function wakeBy(kind: Kind): Wake {
  return {
    kind,
    keys: (object, _previous, reader) => {
      const ref = { namespace: "", name: object.metadata.namespace ?? "" };
      return isTerminating(reader.get(NamespaceKind, ref)) ? [ref] : [];
    },
  };
}

function isTerminating(namespace: Namespace | undefined): boolean {
  return namespace?.metadata.deletionTimestamp !== undefined;
}

async function emptyNamespace(namespace: Namespace | undefined, kinds: readonly Kind[], { live, writer, world, emptyElsewhere }: ControllerContext & { readonly emptyElsewhere: EmptyElsewhere }): ReturnType<Controller["reconcile"]> {
  if (namespace === undefined || !isTerminating(namespace) || !(namespace.spec.finalizers ?? []).includes(contentFinalizer)) return { kind: "done" };
  const left: Remainder[] = [];
  let failure: string | undefined;
  for (const kind of kinds) {
    try {
      left.push(await emptyKind(namespace.metadata.name, kind, { live, writer }));
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      world.log.warn("a kind could not be removed from a namespace", { object: namespace.metadata.name, resource: kind.plural, error });
    }
    // Pods go before what they live by: without a NetworkPolicy the last of them would be open to all. @see Kubernetes enhancement 5080
    if (kind === PodKind && (failure !== undefined || left.some(({ count }) => count > 0))) break;
  }
  const arePodsGone = left.some(({ resource, count }) => resource === resourceOf(PodKind) && count === 0);
  const elsewhere = await (arePodsGone ? emptyElsewhere : nothingElsewhere)(namespace.metadata.name);
  left.push(...elsewhere.left);
  failure ??= elsewhere.failure;
  const { unknown } = elsewhere;
  const remaining = left.reduce((sum, { count }) => sum + count, 0);
  const conditions = decideConditions(namespace, left, { failure, unknown, nowMs: world.clock.nowMs() });
  const status = { ...namespace.status, phase: "Terminating" as const, conditions };
  const isEmpty = remaining === 0 && failure === undefined && unknown.length === 0;
  if (!isEmpty) {
    if (!isEqual(status, namespace.status)) await writer.updateStatus(NamespaceKind, { ...namespace, status });
    return { kind: "wait", afterMs: lookAgainMs, reason: "content remains" };
  }
  const finalizers = (namespace.spec.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
  await writer.patch(NamespaceKind, refOf(namespace), { type: "merge", body: { metadata: { resourceVersion: namespace.metadata.resourceVersion }, spec: { finalizers } } }, { subresource: "finalize" });
  return { kind: "done" };
}

function resourceOf({ plural, group }: Kind): string {
  return `${plural}.${group}`;
}

/** Removes all objects of a kind and answers what stands afterwards: a second list, so that nothing is overlooked. */
async function emptyKind(name: string, kind: Kind, { live, writer }: Pick<ControllerContext, "live" | "writer">): Promise<Remainder> {
  const { items } = await live.list(kind, { namespace: name });
  for (const object of items) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    try {
      await writer.remove(kind, refOf(object), { propagation: "Background", preconditions: { uid: object.metadata.uid ?? "" } });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
  }
  const left: readonly ApiObject[] = items.length === 0 ? items : (await live.list(kind, { namespace: name })).items;
  const finalizers = new Map<string, number>();
  for (const finalizer of left.flatMap((object) => object.metadata.finalizers ?? [])) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  return { resource: resourceOf(kind), count: left.length, finalizers };
}
