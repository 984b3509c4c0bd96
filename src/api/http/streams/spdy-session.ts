import type { Duplex } from "node:stream";
import type { StreamQueue } from "../../stream-queue.ts";
import { byteQueue } from "../../stream-queue.ts";
import { printData, printGoAway, printPing, printReset, printSynReply, SpdyError, SpdyParser } from "./spdy-frames.ts";
import type { SpdyFrame } from "./spdy-frames.ts";
import { SpdyHeaders } from "./spdy-headers.ts";
import { writeTo } from "./write-to.ts";

/** Bytes of one stream that wait for their reader; beyond it the whole connection waits, since SPDY's clients here know no windows. */
const waitingBytesMax = 262_144;
/** Streams open at once on one connection: each connection through a forwarded port takes two. */
const streamsMax = 512;

/** One stream a client opened. */
export interface SpdyStream {
  readonly id: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the client sends until it is done. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more is sent. */
  end(): Promise<void>;
}

/** The server's side of one SPDY/3.1 connection whose streams the client opens, as kubectl does. */
export class SpdySession {
  readonly #wire: Duplex;
  readonly #headers = new SpdyHeaders();
  readonly #parser = new SpdyParser();
  readonly #incoming = new Map<number, StreamQueue<Uint8Array>>();
  readonly #onStream: (stream: SpdyStream) => void;
  #newest = 0;

  constructor(wire: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#wire = wire;
    this.#onStream = onStream;
  }

  /** Serves until the client has gone or says goodbye. Throws SpdyError for bytes that are no SPDY. */
  async run(): Promise<void> {
    try {
      for await (const chunk of this.#wire) for (const frame of this.#parser.push(chunk as Buffer)) {
        if (frame.kind === "goAway") return;
        await this.#take(frame);
      }
    } catch (error) {
      if (error instanceof SpdyError) throw error;
      // A connection that breaks is a client that has gone.
    } finally {
      for (const queue of this.#incoming.values()) queue.end();
      this.#incoming.clear();
      this.#headers.close();
    }
  }

  /** Says goodbye and ends the connection when everything is sent. */
  async close(): Promise<void> {
    await this.#send(printGoAway(this.#newest));
    this.#wire.end();
  }

  async #take(frame: SpdyFrame): Promise<void> {
    switch (frame.kind) {
      case "synStream": await this.#open(frame); return;
      case "data":
        if (frame.bytes.length > 0) await this.#incoming.get(frame.stream)?.push(Uint8Array.from(frame.bytes));
        if (frame.isLast) this.#finish(frame.stream);
        return;
      case "reset": this.#finish(frame.stream); return;
      case "ping": await this.#send(printPing(frame.id)); return;
      case "goAway": case "other":
    }
  }

  #finish(id: number): void {
    this.#incoming.get(id)?.end();
    this.#incoming.delete(id);
  }

  async #open({ stream: id, headers: packed, isLast }: SpdyFrame & { readonly kind: "synStream" }): Promise<void> {
    // Unpacked even when refused: the blocks of a connection are one stream.
    const headers = await this.#headers.unpack(packed);
    if (this.#incoming.size >= streamsMax) { await this.#send(printReset(id)); return; }
    const queue = byteQueue(waitingBytesMax);
    if (isLast) queue.end();
    else this.#incoming.set(id, queue);
    this.#newest = Math.max(this.#newest, id);
    await this.#send(printSynReply(id, await this.#headers.pack(new Map())));
    let isEnded = false;
    this.#onStream({
      id, headers, chunks: queue,
      write: async (bytes) => { if (!isEnded && bytes.length > 0) await this.#send(printData(id, bytes, false)); },
      end: async () => {
        if (isEnded) return;
        isEnded = true;
        await this.#send(printData(id, new Uint8Array(0), true));
      },
    });
  }

  #send(bytes: Uint8Array): Promise<void> {
    return writeTo(this.#wire, bytes);
  }
}
