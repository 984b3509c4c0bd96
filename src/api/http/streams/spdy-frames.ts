/** What a client says over SPDY/3.1, one frame or one piece of its data at a time. @see https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ */
export type SpdyFrame =
  | { readonly kind: "synStream"; readonly stream: number; readonly isLast: boolean; readonly headers: Uint8Array }
  | { readonly kind: "data"; readonly stream: number; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly kind: "reset"; readonly stream: number }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "goAway" }
  /** Settings, windows and later headers say nothing that is needed here: neither side limits the other. */
  | { readonly kind: "other" };

/** Bytes that are no SPDY/3.1. */
export class SpdyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SpdyError";
  }
}

/** Control frames carry headers of some hundred bytes; more is no client of ours. */
const controlBytesMax = 65_536;
const headBytes = 8;
const finFlag = 1;
const types = { synStream: 1, synReply: 2, reset: 3, ping: 6, goAway: 7 } as const;
const version = 3;

/** Cuts a byte stream into frames. Data is passed on as it comes, however long its frame is. */
export class SpdyParser {
  #rest: Uint8Array = new Uint8Array(0);
  #data: { readonly stream: number; left: number; readonly isLast: boolean } | undefined;

  /** The frames these bytes complete. Throws SpdyError. */
  *push(bytes: Uint8Array): Generator<SpdyFrame> {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (this.#data !== undefined) {
        const piece = all.subarray(0, this.#data.left);
        all = all.subarray(piece.length);
        this.#data.left -= piece.length;
        const { stream, left, isLast } = this.#data;
        if (left === 0) this.#data = undefined;
        if (piece.length > 0 || left === 0) yield { kind: "data", stream, bytes: piece, isLast: isLast && left === 0 };
        if (left > 0) break;
      }
      if (all.length < headBytes) break;
      const view = new DataView(all.buffer, all.byteOffset, all.length);
      const first = view.getUint32(0);
      const flags = view.getUint8(4);
      const length = view.getUint32(4) & 0xff_ffff;
      if (first < 0x8000_0000) {
        this.#data = { stream: first, left: length, isLast: (flags & finFlag) !== 0 };
        all = all.subarray(headBytes);
        continue;
      }
      if (((first >>> 16) & 0x7fff) !== version) throw new SpdyError("the client does not speak SPDY/3.1");
      if (length > controlBytesMax) throw new SpdyError(`a control frame is longer than ${controlBytesMax} bytes`);
      if (all.length < headBytes + length) break;
      yield parseControl(first & 0xffff, flags, all.subarray(headBytes, headBytes + length));
      all = all.subarray(headBytes + length);
    }
    // A copy: what was read into may be used again.
    this.#rest = Uint8Array.from(all);
  }
}

function parseControl(type: number, flags: number, body: Uint8Array): SpdyFrame {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const word = (at: number) => {
    if (body.length < at + 4) throw new SpdyError("a control frame breaks off");
    return view.getUint32(at);
  };
  switch (type) {
    case types.synStream:
      if (body.length < 10) throw new SpdyError("a control frame breaks off");
      return { kind: "synStream", stream: word(0) & 0x7fff_ffff, isLast: (flags & finFlag) !== 0, headers: Uint8Array.from(body.subarray(10)) };
    case types.reset: return { kind: "reset", stream: word(0) & 0x7fff_ffff };
    case types.ping: return { kind: "ping", id: word(0) };
    case types.goAway: return { kind: "goAway" };
    default: return { kind: "other" };
  }
}

/** Bytes of one stream, as the last ones where `isLast`. */
export function printData(stream: number, bytes: Uint8Array, isLast: boolean): Uint8Array {
  return frame(stream, { flags: isLast ? finFlag : 0, body: bytes });
}

/** The answer to a new stream, with its packed headers. */
export function printSynReply(stream: number, headers: Uint8Array): Uint8Array {
  return control(types.synReply, Buffer.concat([words(stream), headers]));
}

/** The refusal of a stream: REFUSED_STREAM. */
export function printReset(stream: number): Uint8Array {
  return control(types.reset, words(stream, 3));
}

/** The answer to a ping: the same. */
export function printPing(id: number): Uint8Array {
  return control(types.ping, words(id));
}

/** No new streams are taken. @param last the newest stream that was */
export function printGoAway(last: number): Uint8Array {
  return control(types.goAway, words(last, 0));
}

function control(type: number, body: Uint8Array): Uint8Array {
  return frame(((0x8000 | version) << 16 | type) >>> 0, { flags: 0, body });
}

function frame(first: number, { flags, body }: { readonly flags: number; readonly body: Uint8Array }): Uint8Array {
  return Buffer.concat([words(first, ((flags << 24) | body.length) >>> 0), body]);
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value);
  return bytes;
}
