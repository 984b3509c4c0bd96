import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";

/** Who to ask, and as whom. */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What came back; the body itself is dropped, but for the beginning of a refusal. */
export interface HttpAnswer {
  readonly status: number;
  readonly bodyBytes: number;
  readonly text: string;
}

const refusalTextMax = 1_000;

const noBytes = Buffer.alloc(0);

/** Where all connections read to, one after the other: what comes is used up or copied before the next read. */
const arrivals = Buffer.alloc(262_144);

/** One HTTP/1.1 connection over TLS that asks one thing after the other, with as little work of its own as can be: the server is what is measured. */
export class HttpConnection {
  readonly #socket: TLSSocket;
  readonly #host: string;
  #waiter: PromiseWithResolvers<HttpAnswer> | undefined;
  /** Why nothing can be asked any more. */
  #end: Error | undefined;
  #unread: Buffer = noBytes;
  #status = 0;
  #text = "";
  #bodyBytes = 0;
  /** Bytes left of the body, or of the chunk with its line end; undefined while a head or a chunk's size is read. */
  #left: number | undefined;
  #isChunked = false;
  #isInBody = false;

  private constructor(socket: TLSSocket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on("error", (error) => { this.#fail(error); });
    socket.on("close", () => { this.#fail(new Error("the server closed the connection")); });
  }

  static open({ host, port, ...credentials }: ApiAddress): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      let connection: HttpConnection | undefined;
      // TLS takes it as TCP does, though its types do not say so.
      const onread = { buffer: arrivals, callback: (sizeBytes: number) => { if (connection !== undefined) connection.#read(arrivals.subarray(0, sizeBytes)); return true; } };
      const options = { host, port, ...credentials, onread, ALPNProtocols: ["http/1.1"] };
      const socket = connect(options, () => {
        connection = new HttpConnection(socket, `${host}:${port}`);
        resolve(connection);
      });
      socket.setNoDelay(true);
      socket.once("error", reject);
    });
  }

  /** Rejects when the connection ends before the answer, or has ended before the question. */
  ask(method: string, path: string, body = ""): Promise<HttpAnswer> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#waiter = Promise.withResolvers();
    this.#isInBody = false;
    this.#left = undefined;
    this.#bodyBytes = 0;
    this.#text = "";
    const length = body === "" ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${length}\r\n${body}`);
    return this.#waiter.promise;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#end ??= error;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }

  #read(arrived: Buffer): void {
    let bytes = this.#unread.length === 0 ? arrived : Buffer.concat([this.#unread, arrived]);
    this.#unread = noBytes;
    while (bytes.length > 0) {
      if (this.#left !== undefined) {
        const taken = Math.min(this.#left, bytes.length);
        this.#bodyBytes += taken;
        if (this.#status >= 400 && this.#text.length < refusalTextMax) this.#text += bytes.toString("utf8", 0, taken);
        this.#left -= taken;
        bytes = bytes.subarray(taken);
        if (this.#left > 0) return;
        this.#left = undefined;
        if (!this.#isChunked) { this.#finish(); return; }
        continue;
      }
      const end = this.#isInBody ? bytes.indexOf("\r\n") : bytes.indexOf("\r\n\r\n");
      if (end < 0) { this.#unread = Buffer.from(bytes); return; }
      const head = bytes.toString("latin1", 0, end);
      bytes = bytes.subarray(end + (this.#isInBody ? 2 : 4));
      if (this.#isInBody) this.#beginChunk(Number.parseInt(head, 16));
      else this.#beginBody(head);
      if (this.#left === 0 && !this.#isChunked) { this.#finish(); return; }
    }
  }

  #beginBody(head: string): void {
    this.#status = Number(head.slice(9, 12));
    this.#isInBody = true;
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    this.#isChunked = length === undefined && /^transfer-encoding: *chunked/im.test(head);
    if (!this.#isChunked) this.#left = Number(length ?? 0);
  }

  #beginChunk(sizeBytes: number): void {
    // Behind each chunk, and behind the last one, stands one more line end.
    this.#left = sizeBytes + 2;
    if (sizeBytes === 0) this.#isChunked = false;
  }

  #finish(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve({ status: this.#status, bodyBytes: this.#bodyBytes, text: this.#text });
  }
}
