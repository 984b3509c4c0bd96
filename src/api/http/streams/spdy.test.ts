import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printData, printPing, printReset, SpdyError, SpdyParser } from "./spdy-frames.ts";
import type { SpdyFrame } from "./spdy-frames.ts";
import { SpdyHeaders } from "./spdy-headers.ts";

/** The frames of these pieces, with neighbouring data of one stream put together. */
function framesOf(pieces: readonly Uint8Array[]): readonly SpdyFrame[] {
  const parser = new SpdyParser();
  const frames: SpdyFrame[] = [];
  for (const piece of pieces) for (const frame of parser.push(piece)) {
    const before = frames.at(-1);
    if (frame.kind === "data" && before?.kind === "data" && before.stream === frame.stream && !before.isLast) frames.splice(-1, 1, { ...frame, bytes: Buffer.concat([before.bytes, frame.bytes]) });
    else frames.push(frame.kind === "data" ? { ...frame, bytes: Buffer.from(frame.bytes) } : frame);
  }
  return frames;
}

test("frames are the same however the bytes are cut", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.uint8Array({ minLength: 1, maxLength: 40 })), { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 8 }), (parts, cuts) => {
    const whole = Buffer.concat([...parts.map(([stream, bytes]) => printData(stream, bytes, true)), printPing(7), printReset(3)]);
    const at = [...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
    const pieces = at.map((end, index) => whole.subarray(index === 0 ? 0 : at[index - 1], end));
    assert.deepEqual(framesOf(pieces), [
      ...parts.map(([stream, bytes]) => ({ kind: "data", stream, bytes: Buffer.from(bytes), isLast: true })), { kind: "ping", id: 7 }, { kind: "reset", stream: 3 },
    ]);
  }));
});

test("another version and an endless control frame are refused", () => {
  assert.throws(() => framesOf([Uint8Array.of(0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1)]), SpdyError);
  assert.throws(() => framesOf([Uint8Array.of(0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff)]), SpdyError);
});

test("header blocks of one connection are packed one after the other and unpacked again", async () => {
  const [here, there] = [new SpdyHeaders(), new SpdyHeaders()];
  for (const headers of [new Map([["streamtype", "error"], ["port", "80"]]), new Map<string, string>(), new Map([["streamtype", "data"]])]) {
    assert.deepEqual(await there.unpack(await here.pack(headers)), headers);
  }
  await assert.rejects(new SpdyHeaders().unpack(Uint8Array.of(1, 2, 3, 4)), SpdyError);
  here.close();
  there.close();
});
