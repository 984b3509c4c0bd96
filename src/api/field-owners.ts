import { apiVersionOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import { structureOf } from "../model/managed-fields/atom.ts";
import { parseManagedFields, printManagedFields } from "../model/managed-fields/managers.ts";
import type { ManagedEntry, Manager } from "../model/managed-fields/managers.ts";
import { trackWrite } from "../model/managed-fields/track.ts";
import { isEqual } from "../value/equal.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { printTime } from "../world/clock.ts";
import { metadataOf, withMetadata } from "./shape.ts";
import type { Caller } from "./verbs.ts";

/** Longest name of a field manager, as upstream's validation has it. */
export const fieldManagerLengthMax = 128;

/** The one who writes. */
interface Writer {
  readonly kind: Kind;
  readonly caller: Caller;
  readonly fieldManager?: string;
  readonly subresource?: string;
  readonly nowMs: number;
}

/** The object with who owns its fields. */
export function withOwners(object: JsonObject, owners: readonly ManagedEntry[]): JsonObject {
  return withMetadata(object, { managedFields: printManagedFields(owners) });
}

/** Who owns the fields of an object that is new: whoever creates it. */
export function ownersOfCreated(object: JsonObject, writer: Writer): readonly ManagedEntry[] {
  return trackWrite({ message: structureOf(writer.kind), before: {}, after: object, entries: [], manager: managerOf(writer, "Update"), time: printTime(writer.nowMs) });
}

/**
 * Who owns the fields of an object after an update: of what it changes the writer, of the rest who did. A client that sends other managed fields than
 * the object's may rewrite them, but not through a part of it. What nobody tracked before is not tracked.
 */
export function ownersOfUpdated(object: JsonObject, writer: Writer & {
  readonly old: JsonObject; readonly known: readonly ManagedEntry[]; readonly sent: Json | undefined;
}): readonly ManagedEntry[] {
  const { kind, old, known, sent, nowMs, subresource } = writer;
  const isOwn = subresource !== undefined || sent === undefined || isEqual(sent, metadataOf(old)["managedFields"]);
  const parsed = isOwn ? known : parseManagedFields(sent) ?? known;
  const entries = parsed === "reset" ? [] : parsed;
  if (entries.length === 0) return entries;
  return trackWrite({ message: structureOf(kind), before: old, after: object, entries, manager: managerOf(writer, "Update"), time: printTime(nowMs) });
}

/** Who writes: named in the request, else by the tool, else by the daemon's own user. */
export function managerOf({ kind, caller, fieldManager, subresource = "" }: Omit<Writer, "nowMs">, operation: Manager["operation"]): Manager {
  return { name: fieldManager ?? nameOfCaller(caller), operation, apiVersion: apiVersionOf(kind), subresource };
}

/** The first part of the user agent, as upstream; within the daemon the last part of the user's name. */
function nameOfCaller({ user, userAgent }: Caller): string {
  const tool = (userAgent ?? "").split("/")[0]?.replace(/[^\P{C}]/gu, "").slice(0, fieldManagerLengthMax) ?? "";
  if (tool !== "") return tool;
  if (user.name.startsWith("system:node:")) return "capstan-agent";
  // Controllers that are upstream's write under upstream's name; tools look for it.
  if (user.name.startsWith("system:serviceaccount:kube-system:")) return "kube-controller-manager";
  return user.name.startsWith("system:capstan:") ? `capstan-${user.name.slice(user.name.lastIndexOf(":") + 1)}` : "unknown";
}
