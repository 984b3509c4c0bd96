import { request as requestHttp } from "node:http";
import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Transform } from "node:stream";
import type { Duplex } from "node:stream";
import { ApiError } from "../../model/api-error.ts";
import { isIdentityHeader } from "../aggregation/front-proxy.ts";
import type { EdgeRequest } from "./answer.ts";
import { isPassedOn, proxiedHost } from "./proxied-answer.ts";

/** What is told to a server that believes the API who asks: nobody else's word for it is passed on. */
export interface Trust {
  /** What the server is told that it is called. */
  readonly host: string;
  /** Where the request comes from: told behind where others say that it came from. */
  readonly remoteAddress: string | undefined;
  /** Headers that say who asks. */
  readonly identity: Readonly<Record<string, string | readonly string[]>>;
}

/** The headers of a client as the other side of a proxy gets them. @param path the client's own, without the query */
export function toldHeaders(headers: IncomingHttpHeaders, path: string, trust?: Trust): OutgoingHttpHeaders {
  const passed = Object.entries(headers).filter(([name]) => isPassedOn(name) && (trust === undefined || !isIdentityHeader(name)));
  const told = { ...Object.fromEntries(passed), host: trust?.host ?? proxiedHost, "x-forwarded-uri": path };
  if (trust === undefined) return told;
  const from = [headers["x-forwarded-for"], trust.remoteAddress].flat().filter((address) => address !== undefined).join(", ");
  return { ...told, ...(from === "" ? {} : { "x-forwarded-for": from }), ...trust.identity };
}

/** How a request is passed on. */
export interface Passage {
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** The one connection to use, or where there are some. */
  readonly createConnection?: () => Duplex;
  readonly agent?: Agent;
  /** The largest body; any when absent. */
  readonly uploadBytesMax?: number;
}

/** Sends a request on and resolves to the head of what comes back. Rejects with what the connection failed of, and with RequestEntityTooLarge. */
export function passRequest({ path, headers, uploadBytesMax, ...connection }: Passage, { method, signal, headers: asked, upload }: Pick<EdgeRequest, "method" | "signal" | "headers" | "upload">): Promise<IncomingMessage> {
  const length = upload === undefined ? undefined : asked?.["content-length"];
  if (uploadBytesMax !== undefined && Number(length ?? 0) > uploadBytesMax) return Promise.reject(tooLarge(uploadBytesMax));
  return new Promise((resolve, reject) => {
    const send = (isFirst: boolean): void => {
      const outgoing = requestHttp({ ...connection, method, path, signal, headers: { ...headers, ...(length === undefined ? {} : { "content-length": length }) } }, resolve);
      // After the first one nothing is left to be told.
      outgoing.on("error", () => undefined);
      outgoing.once("error", (error) => {
        // Who is done with a connection hangs up on it, be it that this request was on its way.
        if (isFirst && outgoing.reusedSocket && upload === undefined && !signal.aborted) send(false);
        else reject(error);
      });
      // As it comes: how long it takes is nobody's business here.
      if (upload === undefined) outgoing.end();
      else if (uploadBytesMax === undefined) upload.pipe(outgoing);
      else upload.pipe(new Limit(uploadBytesMax, (error) => { outgoing.destroy(); reject(error); })).pipe(outgoing);
    };
    send(true);
  });
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: limit is ${maxBytes}`);
}

/** Lets so many bytes pass. */
class Limit extends Transform {
  #left: number;
  readonly #refuse: (error: ApiError) => void;
  readonly #max: number;

  constructor(max: number, refuse: (error: ApiError) => void) {
    super();
    this.#left = max;
    this.#max = max;
    this.#refuse = refuse;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: Error | null, chunk?: Buffer) => void): void {
    this.#left -= chunk.length;
    // What is left of it is read and dropped: the client still gets its answer.
    if (this.#left >= 0) { done(null, chunk); return; }
    if (this.#left + chunk.length >= 0) this.#refuse(tooLarge(this.#max));
    done(null);
  }
}
