import { applyDefaults } from "../../model/defaults.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { BackwardWriter } from "../../model/protobuf-writer.ts";
import type { Json } from "../../value/json.ts";
import { RecentMap } from "../../value/recent-map.ts";
import { parsedObjectBytesMax } from "../stored.ts";
import type { ToldEvent } from "../stored.ts";
import type { StoredEvent } from "../verbs.ts";
import { bytesOf } from "./answer.ts";
import type { AnswerFormat } from "./media-type.ts";
import { turn } from "../in-turns.ts";
import { concat, protobufOf } from "./object-answer.ts";
import { printProtobufBody } from "./protobuf-body.ts";
import { apiErrorOf, statusOf } from "./status.ts";
import { partialOf, rowOf, tableHeadOf, tableOf } from "./table.ts";

/** How the events of a watch are written. */
export interface WatchFormat {
  readonly kind: Kind;
  readonly format: AnswerFormat;
  readonly includeObject: "Metadata" | "Object" | "None";
  readonly nowMs: () => number;
}

const closing = bytesOf("}\n");

/** Events written in one turn of the serving thread: a row of a table takes some 0.1 ms. */
const eventsPerTurn = 32;

/**
 * Turns batches of store events into JSON lines, or into frames of protobuf, some events a chunk. A refusal in the middle becomes an ERROR event, after which the stream ends:
 * the status line has long been sent.
 *
 * @param onEnd called once, when the stream ends or its reader stops
 */
export function watchFrames(batches: AsyncIterable<readonly StoredEvent[]>, options: WatchFormat, onEnd: () => void = () => {}): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new FrameReader(batches[Symbol.asyncIterator](), options, onEnd) };
}

type Frame = IteratorResult<Uint8Array, undefined>;

const end: Frame = { done: true, value: undefined };

/** The frames of one watch. No generator, and one promise for each batch: see `ObjectWatch`. */
class FrameReader implements AsyncIterator<Uint8Array, undefined> {
  readonly #batches: AsyncIterator<readonly StoredEvent[]>;
  readonly #options: WatchFormat;
  readonly #onEnd: () => void;
  readonly #isProtobuf: boolean;
  /** What is left of a batch that is too long for one turn. */
  #left: readonly StoredEvent[] = [];
  #hasColumns = true;
  #isEnded = false;

  constructor(batches: AsyncIterator<readonly StoredEvent[]>, options: WatchFormat, onEnd: () => void) {
    this.#batches = batches;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#isProtobuf = options.format.encoding === "protobuf";
  }

  next(): Promise<Frame> {
    if (this.#isEnded) return Promise.resolve(end);
    // What was there when a watch began may be thousands of objects.
    if (this.#left.length > 0) return turn().then(() => this.#print(this.#left));
    return this.#batches.next().then(this.#take, this.#fail);
  }

  async return(): Promise<Frame> {
    this.#end();
    await this.#batches.return?.();
    return end;
  }

  readonly #take = (result: IteratorResult<readonly StoredEvent[], unknown>): Frame | Promise<Frame> => {
    if (result.done !== true) return result.value.length === 0 ? this.next() : this.#print(result.value);
    this.#end();
    return end;
  };

  #print(events: readonly StoredEvent[]): Frame | Promise<Frame> {
    try {
      const isLong = events.length > eventsPerTurn;
      this.#left = isLong ? events.slice(eventsPerTurn) : [];
      const parts: Uint8Array[] = [];
      for (const event of isLong ? events.slice(0, eventsPerTurn) : events) {
        for (const part of this.#isProtobuf ? protobufFrameOf(event, this.#options) : frameOf(event, this.#options, this.#hasColumns)) parts.push(part);
        this.#hasColumns = false;
      }
      const [only] = parts;
      return { done: false, value: only !== undefined && parts.length === 1 ? only : concat(parts) };
    } catch (error) {
      return this.return().then(() => this.#refusal(error));
    }
  }

  readonly #fail = (error: unknown): Frame => {
    this.#end();
    return this.#refusal(error);
  };

  #refusal(error: unknown): Frame {
    const status = statusOf(apiErrorOf(error));
    return { done: false, value: this.#isProtobuf ? concat(frameAround("ERROR", printProtobufBody(status))) : lineOf("ERROR", status) };
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
  }
}

function protobufFrameOf(event: StoredEvent, options: WatchFormat): readonly Uint8Array[] {
  const { format, kind } = options;
  if (event.type === "BOOKMARK") return frameAround("BOOKMARK", printProtobufBody(bookmarkOf(event, options, false)));
  if (format.as === "partial") return frameAround(event.type, printProtobufBody(partialOf(event.stored.object(), format.metaVersion)));
  return [onceFor(recent.protobuf, event, () => concat(frameAround(event.type, protobufOf(kind, event.stored))))];
}

/** A WatchEvent around an object in its envelope, and its length in four bytes before it. */
function frameAround(type: string, object: Uint8Array): readonly Uint8Array[] {
  const opening = new BackwardWriter();
  // WatchEvent.object is a RawExtension, whose only member is the object.
  opening.varint(object.length);
  opening.tag(1, 2);
  opening.varint(opening.length + object.length);
  opening.tag(2, 2);
  const before = opening.length;
  opening.text(type);
  opening.close(1, before);
  const head = opening.finish();
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length + object.length);
  return [length, head, object];
}

/** Of the number before each frame. */
const lengthBytes = 4;

function frameOf(event: StoredEvent, options: WatchFormat, hasColumns: boolean): readonly Uint8Array[] {
  const { format, kind } = options;
  if (event.type === "BOOKMARK") return [lineOf("BOOKMARK", bookmarkOf(event, options, hasColumns))];
  if (format.as === "object") return [onceFor(recent.json, event, () => concat([bytesOf(`{"type":"${event.type}","object":`), event.stored.bytes(), closing]))];
  const object = event.stored.object();
  if (format.as === "partial") return [lineOf(event.type, partialOf(object, format.metaVersion))];
  const metadata = { resourceVersion: object.metadata.resourceVersion ?? "" };
  return [lineOf(event.type, tableOf([object], metadata, { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs(), hasColumns }))];
}

/** Small, for each holds its bytes. */
const recentFramesMax = 16;

/** Frames of the newest events, which many watches are told of one after the other. */
const recent = { json: new RecentMap<StoredEvent, Uint8Array>({ entriesMax: recentFramesMax }), protobuf: new RecentMap<StoredEvent, Uint8Array>({ entriesMax: recentFramesMax }) };

/** The event as it is stored, made once for all who are told of it: they are told the same value. */
function onceFor(frames: RecentMap<StoredEvent, Uint8Array>, event: ToldEvent, make: () => Uint8Array): Uint8Array {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const frame = make();
  if (frame.length > parsedObjectBytesMax) return frame;
  frames.set(event, frame);
  return frame;
}

function lineOf(type: string, object: Json): Uint8Array {
  return bytesOf(`${JSON.stringify({ type, object })}\n`);
}

/** Marks the bookmark behind what was there when a watch began. */
const initialEventsEnd = "k8s.io/initial-events-end";

/** A bookmark carries a revision and nothing else; in a table its row is that of an empty object, as upstream's. */
function bookmarkOf({ resourceVersion, isInitialEventsEnd }: Extract<StoredEvent, { readonly type: "BOOKMARK" }>, options: WatchFormat, hasColumns: boolean): Json {
  const { format, kind } = options;
  const metadata = { resourceVersion, creationTimestamp: null, ...(isInitialEventsEnd === true ? { annotations: { [initialEventsEnd]: "true" } } : {}) };
  if (format.as === "object") return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  const partial = { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${format.metaVersion}`, metadata };
  if (format.as === "partial") return partial;
  const empty = applyDefaults(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "" } });
  const table = { kind, metaVersion: format.metaVersion, includeObject: options.includeObject, nowMs: options.nowMs(), hasColumns };
  const object = options.includeObject === "None" ? null : options.includeObject === "Metadata" ? partial : { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  return { ...tableHeadOf({ resourceVersion }, table), rows: [{ ...rowOf(empty, table), object }] };
}
