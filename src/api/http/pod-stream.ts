import { Duplex } from "node:stream";
import type { PodConnection } from "../nodes.ts";

/** A connection to a pod as the stream Node's HTTP client writes to. */
export function asDuplex(connection: PodConnection): Duplex {
  const incoming = connection.chunks[Symbol.asyncIterator]();
  return new Duplex({
    read() {
      incoming.next().then(({ done, value }) => { this.push(done === true ? null : value); }, (error: unknown) => { this.destroy(error instanceof Error ? error : new Error(String(error))); });
    },
    write(chunk: Buffer, _encoding, done) { void connection.write(chunk).finally(() => { done(); }); },
    // The pod answers before it is hung up on; some servers take a half-closed client for a gone one.
    final(done) { done(); },
    destroy(error, done) { connection.destroy(); done(error); },
  });
}
