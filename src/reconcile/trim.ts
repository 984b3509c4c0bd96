import { isApiError } from "../model/api-error.ts";
import type { Application } from "../model/kinds/application.ts";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import { SyncKind } from "../model/kinds/sync.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import { refOf } from "../model/object.ts";
import { applicationLabel } from "./tracking.ts";
import type { Loop } from "./loop.ts";

/** Records of syncs kept for an application; the oldest go first. */
const syncRecordsMax = 200;

/** Removes renders no history entry needs, and records beyond the limit. A failure is left for the next sync. */
export async function trimRecords(loop: Loop, application: Application, kept: readonly string[]): Promise<void> {
  const { client, world } = loop;
  const scope = { namespace: application.metadata.namespace ?? "", labelSelector: `${applicationLabel}=${application.metadata.name}` };
  try {
    const artifacts = (await client.list(ArtifactKind, scope)).items.filter((artifact) => !kept.includes(artifact.metadata.name));
    const syncs = (await client.list(SyncKind, scope)).items;
    const unfinished = new Set(syncs.filter((sync) => sync.status.phase === "Pending" || sync.status.phase === "Running").map((sync) => sync.spec.artifact));
    for (const artifact of artifacts) if (!unfinished.has(artifact.metadata.name)) await remove(loop, ArtifactKind, artifact);
    const old = syncs.toSorted((a, b) => b.spec.planGeneration - a.spec.planGeneration).slice(syncRecordsMax);
    for (const sync of old) await remove(loop, SyncKind, sync);
  } catch (error) {
    world.log.warn("old sync records are kept until the next sync", { application: application.metadata.name, error });
  }
}

async function remove(loop: Loop, kind: Kind, object: ApiObject): Promise<void> {
  try {
    await loop.client.remove(kind, refOf(object));
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}
