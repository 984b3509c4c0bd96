import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import type { JsonObject } from "../../value/json.ts";
import { jsonOf } from "../shape.ts";
import type { StoredList, StoredObject } from "../verbs.ts";
import { bytesOf, documentAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { AnswerFormat } from "./media-type.ts";
import { partialListOf, partialOf, tableOf } from "./table.ts";

/** How objects of a kind are to be answered. */
export interface ObjectAnswerOptions {
  readonly kind: Kind;
  readonly format: AnswerFormat;
  readonly includeObject: "Metadata" | "Object" | "None";
  readonly nowMs: number;
  readonly code?: number;
  readonly warnings?: readonly string[];
}

const newline = bytesOf("\n");
const comma = bytesOf(",");

/** One object: its stored bytes as they are, unless another form was asked for. */
export function objectAnswer(stored: StoredObject, options: ObjectAnswerOptions): Answer {
  const { format, kind } = options;
  const rest = { ...(options.code === undefined ? {} : { code: options.code }), ...(options.warnings === undefined ? {} : { warnings: options.warnings }) };
  if (format.as === "table") {
    const metadata = { resourceVersion: stored.object().metadata.resourceVersion ?? "" };
    const table = tableOf([stored.object()], metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true });
    return documentAnswer(table, format.encoding, rest);
  }
  if (format.as === "partial") return documentAnswer(partialOf(stored.object(), format.metaVersion), format.encoding, rest);
  if (format.encoding === "yaml") return documentAnswer(jsonOf(stored.object()), "yaml", rest);
  return { kind: "body", code: 200, contentType: "application/json", body: concat([stored.bytes(), newline]), ...rest };
}

/** A list: stored bytes one after the other, unless another form was asked for. */
export function listAnswer(list: StoredList, options: ObjectAnswerOptions): Answer {
  const { format, kind } = options;
  const metadata = listMetadata(list);
  const objects = () => list.items.map((item) => item.object());
  if (format.as === "table") {
    return documentAnswer(tableOf(objects(), metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs, hasColumns: true }), format.encoding);
  }
  if (format.as === "partial") return documentAnswer(partialListOf(objects(), metadata, format.metaVersion), format.encoding);
  const head = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  if (format.encoding === "yaml") return documentAnswer({ ...head, items: objects().map(jsonOf) }, "yaml");
  const parts: Uint8Array[] = [bytesOf(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  for (const [index, item] of list.items.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(item.bytes());
  }
  parts.push(bytesOf("]}\n"));
  return { kind: "body", code: 200, contentType: "application/json", body: concat(parts) };
}

function listMetadata(list: StoredList): JsonObject {
  return {
    resourceVersion: list.resourceVersion,
    ...(list.continue === undefined || list.continue === "" ? {} : { continue: list.continue }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

/** All parts in one piece. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
