import { jsonOf, objectOf } from "../api/shape.ts";
import { canonicalBody } from "../model/canonical-body.ts";
import { apiVersionOf, storedKindOf } from "../model/kind.ts";
import type { Application } from "../model/kinds/application.ts";
import type { Kind } from "../model/kind.ts";
import type { ApiObject } from "../model/object.ts";
import type { Manifest, Place } from "../render/render.ts";
import type { DesiredHook } from "./hooks.ts";
import type { Problem } from "./problem.ts";
import type { ResourceId } from "./tracking.ts";
import { withTreeKinds } from "./tree-kinds.ts";
import type { KindLookup } from "./tree-kinds.ts";
import { applicationAnnotation, applicationKey, resourceIdOf, resourceKey, syncOptionsAnnotation, waveAnnotation } from "./tracking.ts";

/** One object an application wants, placed in its namespace and marked as the application's. */
export interface Desired {
  readonly id: ResourceId;
  readonly kind: Kind;
  readonly object: ApiObject;
  readonly wave: number;
  readonly place: Place;
}

/** Waves further out than this are a slip of the keyboard. */
export const waveMax = 1000;

/** Turns rendered manifests into what the application wants, or says what is wrong with them. Pure. */
export function desiredOf(application: Application, manifests: readonly Manifest[], served: KindLookup): { readonly desired: readonly Desired[]; readonly hooks: readonly DesiredHook[]; readonly problems: readonly Problem[] } {
  const desired: Desired[] = [];
  const hooks: DesiredHook[] = [];
  const problems: Problem[] = [];
  const places = new Map<string, Place>();
  const kinds = withTreeKinds(served, manifests.map(({ object }) => object));
  for (const manifest of manifests) {
    const placed = placeManifest(application, manifest, kinds);
    if ("reason" in placed) {
      problems.push(placed);
      continue;
    }
    const key = resourceKey(placed.id);
    const earlier = places.get(key);
    if (manifest.hook !== undefined) {
      hooks.push({ id: placed.id, kind: placed.kind, object: placed.object, place: placed.place, hook: manifest.hook });
    } else if (earlier === undefined) {
      places.set(key, placed.place);
      desired.push(placed);
    } else {
      problems.push({ reason: "InvalidObject", place: placed.place, message: `${placed.id.kind} ${placed.id.name} is defined twice; the other one is in ${earlier.file}${earlier.line === undefined ? "" : `:${earlier.line}`}` });
    }
  }
  return { desired, hooks, problems };
}

function placeManifest(application: Application, manifest: Manifest, kinds: KindLookup): Desired | Problem {
  const { place } = manifest;
  const asked = kinds.find(manifest.object.apiVersion, manifest.object.kind);
  if (asked === undefined) return { reason: "UnknownKind", place, message: unknownKind(manifest.object, kinds) };
  if (asked.storedAs !== undefined && asked.schema?.isConvertedOutside === true) {
    const stored = apiVersionOf(asked.storedAs.kind);
    return { reason: "InvalidObject", place, message: `${manifest.object.kind} in ${manifest.object.apiVersion} becomes ${stored} by a webhook, which an application does not ask; write it in ${stored}` };
  }
  // Objects are compared as they are stored, whichever of two views a manifest is written in.
  const kind = storedKindOf(asked);
  const object = objectOf(canonicalBody(kind, asked.storedAs === undefined ? jsonOf(manifest.object) : asked.storedAs.toStored(jsonOf(manifest.object))));
  const namespace = object.metadata.namespace ?? application.spec.destination.namespace ?? "default";
  const annotations = object.metadata.annotations ?? {};
  const wave = Number(annotations[waveAnnotation] ?? "0");
  if (!Number.isInteger(wave) || Math.abs(wave) > waveMax) {
    return { reason: "InvalidObject", place, message: `metadata.annotations[${waveAnnotation}]: "${annotations[waveAnnotation] ?? ""}" is no whole number between -${waveMax} and ${waveMax}` };
  }
  const { namespace: _dropped, ...metadata } = object.metadata;
  const owned: ApiObject = {
    ...object,
    metadata: { ...metadata, ...(kind.namespaced ? { namespace } : {}), annotations: { ...annotations, ...(manifest.isKept === true ? { [syncOptionsAnnotation]: keptOptions(annotations) } : {}), [applicationAnnotation]: applicationKey(application) } },
  };
  return { id: resourceIdOf(kind, owned), kind, object: owned, wave, place };
}

/** A chart's definitions outlive it, as in Helm: removing one would remove everything of its kind. */
function keptOptions(annotations: Readonly<Record<string, string>>): string {
  const given = annotations[syncOptionsAnnotation];
  return given === undefined ? "Prune=false" : given.includes("Prune=") ? given : `${given},Prune=false`;
}

function unknownKind(object: ApiObject, kinds: KindLookup): string {
  const sameName = kinds.all.find((kind) => kind.kind === object.kind);
  const hint = sameName === undefined ? "" : `; did you mean apiVersion ${sameName.group === "" ? sameName.version : `${sameName.group}/${sameName.version}`}?`;
  return `no kind ${object.kind} in ${object.apiVersion} is served here${hint}`;
}
