import type { IncomingHttpHeaders } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AuditTrail } from "../audit/trail.ts";
import type { UserInfo } from "../client.ts";
import { CollectedNotes } from "../notes.ts";
import type { Caller } from "../verbs.ts";
import type { EdgeRequest } from "./answer.ts";
import type { PeerSocket } from "./client-certificate.ts";
import { Ending } from "./ending.ts";
import type { Asked } from "./request-traits.ts";

/** A request as Node has it: HTTP/2's, or HTTP/1.1's, which is alike in all that is used here. */
export type RawRequest = Pick<Http2ServerRequest, "method" | "url" | "rawHeaders" | "on" | "off" | "pipe"> & {
  readonly headers: IncomingHttpHeaders;
  readonly socket: PeerSocket;
  /** HTTP/2's alone. */
  readonly stream?: { readonly session?: object | undefined };
};

/** Its response. */
export type RawResponse = Omit<Http2ServerResponse, "stream"> & {
  /** HTTP/2's alone. */
  readonly stream?: Pick<Http2ServerResponse["stream"], "destroyed" | "close" | "once">;
  /** HTTP/1.1's alone: HTTP/2 sends headers at once. */
  readonly flushHeaders?: () => void;
};

/** True where nobody takes an answer any more. HTTP/2's responses do not say so themselves. */
export function isGone({ destroyed, stream }: RawResponse): boolean {
  return destroyed || stream?.destroyed === true;
}

/** Runs something once nobody takes the answer any more: at once for a client that went away before this heard of it, which is not told of again. */
export function whenGone(response: RawResponse, run: () => void): void {
  if (isGone(response)) run();
  // It closes once: to take the listener away then is work for nothing.
  else response.on("close", run);
}

const nothing = new Uint8Array(0);
const none: readonly string[] = [];

/** One request between its first line and its last byte, as the shell drives it and as the handlers see it. */
export class Exchange implements EdgeRequest {
  readonly request: RawRequest;
  readonly response: RawResponse;
  readonly asked: Asked;
  readonly caller: Caller;
  readonly notes: CollectedNotes;
  /** What the audit log is told; absent where nothing is. */
  readonly trail: AuditTrail | undefined;
  readonly ending = new Ending();
  /** Headers of the answer that are known before it, names and values by turns. */
  headersBefore: readonly string[] = none;
  body: Uint8Array = nothing;
  upload?: Pick<RawRequest, "pipe">;

  constructor({ request, response, asked }: Incoming, user: UserInfo, trail: AuditTrail | undefined) {
    const userAgent = request.headers["user-agent"];
    this.request = request;
    this.response = response;
    this.asked = asked;
    this.trail = trail;
    this.notes = new CollectedNotes();
    this.caller = userAgent === undefined ? { user, notes: this.notes } : { user, notes: this.notes, userAgent };
  }

  get method(): string { return this.asked.method; }
  get path(): string { return this.asked.path; }
  get query(): URLSearchParams { return this.asked.query; }
  get headers(): IncomingHttpHeaders { return this.request.headers; }
  get remoteAddress(): string | undefined { return this.request.socket.remoteAddress; }
  get accept(): string | undefined { return this.request.headers.accept; }
  get contentType(): string | undefined { return this.request.headers["content-type"]; }
  get ifNoneMatch(): string | undefined { return this.request.headers["if-none-match"]; }
  get signal(): AbortSignal { return this.ending.signal; }

  end(): void {
    this.ending.end();
  }
}

/** A request of which nobody knows yet who asks. */
export interface Incoming {
  readonly request: RawRequest;
  readonly response: RawResponse;
  readonly asked: Asked;
}
