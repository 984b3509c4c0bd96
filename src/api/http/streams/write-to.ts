import type { Writable } from "node:stream";

/** Writes, and resolves when there is room for more or the reader has gone. */
export async function writeTo(to: Writable, bytes: Uint8Array): Promise<void> {
  if (to.destroyed || to.writableEnded || to.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      to.off("drain", go);
      to.off("close", go);
      resolve();
    };
    to.once("drain", go);
    to.once("close", go);
  });
}
