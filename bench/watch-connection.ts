import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { ApiAddress } from "./http-connection.ts";

/** Frame types used here. @see RFC 9113 section 6 */
const frames = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;

const acknowledged = 0x1;
const endStream = 0x1;
const endHeaders = 0x4;

const frameHeadBytes = 9;
/** Largest a window may be: what a benchmark reads never fills it, so nothing has to be given back. */
const windowMax = 2 ** 31 - 1;
const windowDefault = 65_535;

/** The first byte of an answer's fields whose status is 200, and what asks with GET over https. @see RFC 7541 appendix A */
const fields = { status200: 0x88, get: 0x82, https: 0x87, authority: 1, path: 4 } as const;

/** Where a connection reads to: larger than what one event takes. */
const readBufferBytes = 1_048_576;

const noBytes = Buffer.alloc(0);

/** One HTTP/2 connection over TLS with watches on it, with as little work of its own as can be: the server is what is measured. */
export class WatchConnection {
  readonly #socket: TLSSocket;
  readonly #authority: string;
  readonly #onData: (bytes: Buffer) => void;
  #waiter: PromiseWithResolvers<void> | undefined;
  #unread: Buffer = noBytes;
  #nextStream = 1;

  private constructor(socket: TLSSocket, authority: string, onData: (bytes: Buffer) => void) {
    this.#socket = socket;
    this.#authority = authority;
    this.#onData = onData;
    const fail = (error: Error): void => { this.#waiter?.reject(error); };
    socket.on("error", fail);
    socket.on("close", () => { fail(new Error("the server closed the connection")); });
  }

  /** @param onData told of the bytes of each frame of data, of whichever watch */
  static open({ host, port, ...credentials }: ApiAddress, onData: (bytes: Buffer) => void): Promise<WatchConnection> {
    const arrivals = Buffer.alloc(readBufferBytes);
    return new Promise((resolve, reject) => {
      let connection: WatchConnection | undefined;
      // TLS takes it as TCP does, though its types do not say so.
      const onread = { buffer: arrivals, callback: (sizeBytes: number) => { if (connection !== undefined) connection.#read(arrivals.subarray(0, sizeBytes)); return true; } };
      const options = { host, port, ...credentials, onread, ALPNProtocols: ["h2"] };
      const socket = connect(options, () => {
        connection = new WatchConnection(socket, `${host}:${port}`, onData);
        connection.#greet();
        resolve(connection);
      });
      socket.setNoDelay(true);
      socket.once("error", reject);
    });
  }

  /** Begins a watch; resolves when the server has answered 200. */
  watch(path: string): Promise<void> {
    this.#waiter = Promise.withResolvers();
    const head = Buffer.concat([Buffer.from([fields.get, fields.https]), fieldOf(fields.authority, this.#authority), fieldOf(fields.path, path)]);
    this.#write(frames.headers, endStream | endHeaders, this.#nextStream, head);
    this.#nextStream += 2;
    return this.#waiter.promise;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #greet(): void {
    this.#socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const initialWindowSize = 4;
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(initialWindowSize, 0);
    settings.writeUInt32BE(windowMax, 2);
    this.#write(frames.settings, 0, 0, settings);
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(windowMax - windowDefault);
    this.#write(frames.windowUpdate, 0, 0, increment);
  }

  #read(arrived: Buffer): void {
    let bytes = this.#unread.length === 0 ? arrived : Buffer.concat([this.#unread, arrived]);
    this.#unread = noBytes;
    while (bytes.length >= frameHeadBytes) {
      const end = frameHeadBytes + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      this.#take(bytes.readUInt8(3), bytes.readUInt8(4), bytes.subarray(frameHeadBytes, end));
      bytes = bytes.subarray(end);
    }
    if (bytes.length > 0) this.#unread = Buffer.from(bytes);
  }

  #take(type: number, flags: number, payload: Buffer): void {
    switch (type) {
      case frames.data: this.#onData(payload); return;
      case frames.headers:
        if (payload[0] === fields.status200) this.#waiter?.resolve();
        else this.#waiter?.reject(new Error("the server refused a watch"));
        return;
      case frames.settings:
      case frames.ping:
        if ((flags & acknowledged) === 0) this.#write(type, acknowledged, 0, type === frames.ping ? payload : noBytes);
        return;
      case frames.resetStream:
      case frames.goAway: this.#waiter?.reject(new Error("the server ended a watch")); return;
      default: return;
    }
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    const head = Buffer.alloc(frameHeadBytes);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}

/** A field that is not to be remembered, its name by its number, its value as it is. @see RFC 7541 section 6.2.2 */
function fieldOf(name: number, value: string): Buffer {
  const longest = 126;
  if (value.length > longest) throw new Error(`too long for one byte of length: ${value}`);
  return Buffer.concat([Buffer.from([name, value.length]), Buffer.from(value, "latin1")]);
}
