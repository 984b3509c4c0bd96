import type { Controller, Reader, Wake, WorkRef } from "../../control/controller.ts";
import type { ResourceQuota } from "../../model/generated/core-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { EventKind } from "../../model/kinds/event.ts";
import { ResourceQuotaKind } from "../../model/kinds/core-limits.ts";
import { PersistentVolumeClaimKind } from "../../model/kinds/persistent-volume.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject } from "../../model/object.ts";
import { isUsedBy } from "../../model/quota/usage.ts";
import { isEqual } from "../../value/equal.ts";
import { countedKinds, decideStatus } from "./decide.ts";

/** A quota is counted anew after this time at the latest, as upstream's resync; pods past their grace period make no event. */
const recountMs = 300_000;

/** Kinds whose objects use more or less as they change; of the others only their number counts. */
const measured: readonly Kind[] = [PodKind, PersistentVolumeClaimKind, ServiceKind];

/** Keeps what quotas say is used true: admission only ever charges, and this finds what is used no more. */
export function resourceQuotaController(kinds: readonly Kind[]): Controller<ResourceQuota> {
  const counted = kinds.filter((kind) => kind.namespaced && kind !== EventKind);
  return {
    name: "resourcequota-controller",
    user: "system:serviceaccount:kube-system:resourcequota-controller",
    kind: ResourceQuotaKind,
    reads: [ResourceQuotaKind, ...measured],
    readsMetadata: counted.filter((kind) => !measured.includes(kind) && kind !== ResourceQuotaKind),
    writes: [{ kind: ResourceQuotaKind, part: "status" }],
    wakes: counted.map(wakeBy),
    customKinds: { reads: "metadata", writes: [], wakes: (kind) => (kind.namespaced ? [wakeBy(kind)] : []) },
    concurrency: 5,
    async reconcile(ref, known, { live, reader, writer, world }) {
      if (known === undefined) return { kind: "done" };
      // The quota is read before what it counts: whatever is charged meanwhile changes it, and this write is refused.
      const quota = await live.get(ResourceQuotaKind, ref);
      if (quota === undefined) return { kind: "done" };
      const contents = [];
      for (const kind of countedKinds(quota, [...counted, ...reader.customKinds.filter(({ namespaced }) => namespaced)])) contents.push({ kind, objects: (await live.list(kind, { namespace: ref.namespace })).items });
      const status = decideStatus(quota, contents, world.clock.nowMs());
      if (!isEqual(status, quota.status)) await writer.updateStatus(ResourceQuotaKind, { ...quota, status });
      return { kind: "wait", afterMs: recountMs, reason: "counted" };
    },
  };
}

function wakeBy(kind: Kind): Wake {
  return { kind, keys: (object, previous, reader) => quotasOf(kind, { object, previous }, reader) };
}

/** The quotas of an object's namespace that may count differently after its change. */
function quotasOf(kind: Kind, { object, previous }: { readonly object: ApiObject; readonly previous: ApiObject | undefined }, reader: Reader): readonly WorkRef[] {
  const { namespace = "" } = object.metadata;
  const quotas = reader.list(ResourceQuotaKind, namespace).filter(({ spec }) => Object.keys(spec.hard ?? {}).some((resource) => isUsedBy(resource, kind)));
  if (quotas.length === 0) return [];
  const isSame = previous !== undefined && reader.get(kind, refOf(object)) !== undefined && !measured.includes(kind);
  return isSame ? [] : quotas.map(refOf);
}
