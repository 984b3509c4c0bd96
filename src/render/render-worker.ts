import { renderPacked } from "./render-packed.ts";
import { FrameReader, packResponse, unpackRequest } from "./wire.ts";
import type { Frame, WireResponse } from "./wire.ts";

/** The worker's side: a process that renders one request of its standard input after the other, without clock, chance, files or network, and ends with it. */
const reader = new FrameReader();
process.stdin.on("data", (piece: Buffer) => {
  for (const frame of reader.push(piece)) answer(respond(frame));
});
process.stdin.on("error", () => { process.exit(); });
process.stdin.on("end", () => { process.exit(); });
answer({ kind: "ready" });

function respond(frame: Frame): WireResponse {
  const { id, request } = unpackRequest(frame);
  try {
    return { kind: "result", id, result: renderPacked(request, (file) => { answer({ kind: "at", id, file }); }) };
  } catch (error) {
    return { kind: "thrown", id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function answer(response: WireResponse): void {
  process.stdout.write(Buffer.concat(packResponse(response)));
}
