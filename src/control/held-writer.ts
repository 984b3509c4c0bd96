import type { Client, Patch, PatchOptions } from "../api/client.ts";
import { isApiError } from "../model/api-error.ts";
import { resourceName } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { refOf } from "../model/object.ts";
import type { ApiObject } from "../model/object.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json } from "../value/json.ts";
import { isCustomOf, undeclaredRead } from "./caches.ts";
import type { KindCaches } from "./caches.ts";
import type { Controller, LiveReader, Writer, WrittenPart } from "./controller.ts";
import type { EventRecorder } from "./event-recorder.ts";
import { ProgrammingError } from "./programming-error.ts";

/** What a controller's writer is made of. */
export interface HeldWriterOptions {
  readonly client: Client;
  readonly caches: KindCaches;
  readonly recorder: EventRecorder;
}

/** A writer held to what its controller declares; every answer goes into the caches at once. */
export function writerOf(controller: Controller, { client, caches, recorder }: HeldWriterOptions): Writer {
  const demand = (kind: Kind, ...parts: readonly WrittenPart[]): void => {
    for (const part of parts) {
      if (!isDeclared(controller, kind, part)) throw new ProgrammingError(`controller "${controller.name}" writes ${part} of ${resourceName(kind)} without declaring it`);
    }
  };
  const keep = <T extends ApiObject>(kind: Kind, object: T): T => {
    caches.get(kind)?.put(object);
    return object;
  };
  const lookFor = async (kind: Kind, object: ApiObject): Promise<void> => {
    if (caches.get(kind) === undefined) return;
    const found = await client.get(kind, refOf(object)).catch(() => undefined);
    if (found !== undefined) keep(kind, found);
  };
  return {
    async create(kind, object, options) {
      demand(kind, "existence");
      demandLabel(controller, kind, object);
      try {
        return keep(kind, await client.create(kind, object, options));
      } catch (error) {
        // It may be there without anybody having been told: the next look at the cache is not to miss it and make another.
        if (!isRefusal(error)) await lookFor(kind, object);
        throw error;
      }
    },
    async update(kind, object, options) {
      demand(kind, "metadata", "spec");
      demandLabel(controller, kind, object);
      return keep(kind, await client.update(kind, object, options));
    },
    async updateStatus(kind, object, options) {
      demand(kind, "status");
      return keep(kind, await client.updateStatus(kind, object, options));
    },
    async patch(kind, ref, patch, options) {
      demand(kind, ...partsOf(patch, options));
      return keep(kind, await client.patch(kind, ref, patch, options));
    },
    async remove(kind, ref, options) {
      demand(kind, "existence");
      const cache = caches.get(kind);
      const known = cache?.get(ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`);
      const left = await client.remove(kind, ref, options);
      if (left !== undefined) keep(kind, left);
      // Without a precondition another object of the name may have gone: then the watch says so.
      else if (known !== undefined && options?.preconditions?.uid === known.metadata.uid) cache?.remove(known);
      return left;
    },
    event(object, note) {
      recorder.record(object, note);
    },
  };
}

/** True for an answer that says that nothing was written. */
function isRefusal(error: unknown): boolean {
  return isApiError(error) && error.code < 500;
}

/** Reads of the API itself, held to the declared kinds. */
export function liveReaderOf(controller: Controller, client: Client): LiveReader {
  const allowed = new Set([controller.kind, ...controller.reads, ...(controller.readsMetadata ?? [])]);
  const demand = (kind: Kind): void => {
    if (!allowed.has(kind) && !isCustomOf(controller, kind)) throw undeclaredRead(controller, kind);
  };
  return {
    async get(kind, ref) {
      demand(kind);
      return client.get(kind, ref);
    },
    async list(kind, options) {
      demand(kind);
      return client.list(kind, options);
    },
  };
}

function isDeclared(controller: Controller, kind: Kind, part: WrittenPart): boolean {
  if (isCustomOf(controller, kind)) return controller.customKinds?.writes.some((written) => written === part || (written === "whole" && part !== "status")) === true;
  return controller.writes.some((write) => write.kind === kind && (write.part === part || (write.part === "whole" && part !== "status")));
}

/** An object written whole must be one of those the controller says it writes. */
function demandLabel(controller: Controller, kind: Kind, { metadata }: ApiObject): void {
  const declared = controller.writes.filter((write) => write.kind === kind && write.part !== "status");
  if (declared.length === 0 || declared.some(({ only }) => only === undefined || metadata.labels?.[only.label] === only.value)) return;
  throw new ProgrammingError(`controller "${controller.name}" writes one of ${resourceName(kind)} that does not carry the label it declares`);
}

/** The parts a patch touches: by its subresource, else by the first level of its paths. */
function partsOf(patch: Patch, options: PatchOptions | undefined): readonly WrittenPart[] {
  if (options?.subresource === "status") return ["status"];
  if (options?.subresource === "scale" || options?.subresource === "finalize") return ["spec"];
  const members = patch.type === "json" ? pointersOf(patch.body) : isJsonObject(patch.body) ? Object.keys(patch.body) : [];
  const parts = new Set(members.filter((member) => member !== "apiVersion" && member !== "kind").map((member): WrittenPart => (member === "metadata" ? "metadata" : "spec")));
  return [...parts];
}

function pointersOf(body: Json): readonly string[] {
  if (!Array.isArray(body)) return [];
  return body.flatMap((operation: unknown) => (isJsonObject(operation) && typeof operation["path"] === "string" ? [operation["path"].split("/")[1] ?? ""] : []));
}
