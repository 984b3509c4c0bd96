import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";
import { ArtifactKind } from "../model/kinds/artifact.ts";
import type { Artifact } from "../model/kinds/artifact.ts";
import type { Application } from "../model/kinds/application.ts";
import type { ApiObject } from "../model/object.ts";
import { sha256 } from "../value/digest.ts";
import type { Desired } from "./desired.ts";
import type { DesiredHook } from "./hooks.ts";
import type { Plan } from "./plan.ts";
import { digestOfPlan } from "./plan.ts";
import { metadataOfRecord } from "./tracking.ts";

/** What is kept of a sync for good: the frozen plan, and all that was rendered, so that going back needs no Git. */
export interface StoredRender {
  readonly plan: Plan;
  readonly desired: readonly StoredDesired[];
  readonly hooks?: readonly StoredHook[];
  /** Digest of all that went into the render. */
  readonly input?: string;
}

/** A desired object without what the model knows anyway. */
export interface StoredDesired {
  readonly object: ApiObject;
  readonly wave: number;
  readonly place: Desired["place"];
}

/** A hook without what the model knows anyway. */
export type StoredHook = Pick<DesiredHook, "object" | "place" | "hook">;

/** The content type of an artifact. */
const mediaType = "application/vnd.capstan.render+json+gzip";

/** Compressed renders above this do not fit the store's 1.5 MiB per object once written in base64. */
export const artifactBytesMax = 1_000_000;

/** The fastest: renders shrink to a tenth anyway. */
const compressionLevel = 1;

/** A render unpacks to at most this, as the renderer's own output limit. */
const unpackedBytesMax = 64 * 1024 * 1024;

/** Compression makes nothing larger than this much more; a render within is not packed to know that it fits. */
const gzipOverheadBytes = 1_000;

/** Up to this a thread of its own would cost more than it spares: both ways take less than a millisecond. */
const packHereBytesMax = 65_536;

const packAside = promisify(gzip);
const unpackAside = promisify(gunzip);

/** True when `packArtifact` would take this render. Costs the serving thread no compression, and nothing is kept. */
export async function fitsArtifact(render: StoredRender): Promise<boolean> {
  const text = Buffer.from(JSON.stringify(render));
  return text.length + gzipOverheadBytes <= artifactBytesMax || (await pack(text)).length <= artifactBytesMax;
}

/** Large texts are packed beside the serving thread. */
async function pack(text: Buffer): Promise<Buffer> {
  return text.length <= packHereBytesMax ? gzipSync(text, { level: compressionLevel }) : packAside(text, { level: compressionLevel });
}

/** Packs a render into an object owned by its application; undefined when it is over the limit. */
export async function packArtifact(name: string, application: Application, render: StoredRender): Promise<Artifact | undefined> {
  const packed = await pack(Buffer.from(JSON.stringify(render)));
  if (packed.length > artifactBytesMax) return undefined;
  return {
    apiVersion: "capstan.dev/v1", kind: ArtifactKind.kind,
    metadata: { name, ...metadataOfRecord(application) },
    mediaType, digest: `sha256:${sha256(packed)}`, data: packed.toString("base64"),
  };
}

/** Unpacks an artifact; throws when it was damaged. */
export async function unpackArtifact(artifact: Artifact): Promise<StoredRender> {
  const packed = Buffer.from(artifact.data, "base64");
  if (`sha256:${sha256(packed)}` !== artifact.digest) throw new Error(`artifact ${artifact.metadata.name} is damaged: its digest does not match`);
  const render = JSON.parse((await unpack(packed)).toString("utf8")) as StoredRender;
  if (digestOfPlan(render.plan) !== render.plan.digest) throw new Error(`artifact ${artifact.metadata.name} is damaged: its plan's digest does not match`);
  return render;
}

/** Large texts are unpacked beside the serving thread, as they are packed; how large one is stands at its end. @see RFC 1952 section 2.3.1, ISIZE */
async function unpack(packed: Buffer): Promise<Buffer> {
  const sizeBytes = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  const options = { maxOutputLength: unpackedBytesMax };
  return sizeBytes <= packHereBytesMax ? gunzipSync(packed, options) : unpackAside(packed, options);
}
