import { ApiError } from "../../model/api-error.ts";

/** Requests at work at once that are no watch, log or stream: upstream's --max-requests-inflight. */
export const requestsMax = 400;

/** Open watches and log streams at once: each costs some 10 kB and a place in the store's fan-out. */
export const streamsMax = 4_000;

/** Of these at most so many belong to one user; a browser or k9s opens some twenty. */
export const streamsPerUserMax = 1_000;

/** Requests that wait for the servers of aggregated APIs, at once: each holds a connection there and here. */
export const elsewhereMax = 400;

/** Of these at most so many wait for one server: a slow one takes no place from the others. */
export const elsewherePerServerMax = 100;

/** Time for a request that is no stream, upstream's --request-timeout. */
export const requestTimeoutMs = 60_000;

/** Time for a TLS client to send its headers over HTTP/1. */
export const headersTimeoutMs = 20_000;

/** A body that is not there after this gives its request's seat to others while it comes: it is not the server that is busy with it. */
export const bodyPatienceMs = 250;

/** Time for a body, from the end of its headers: 3 MiB in this time is slower than any network a cluster has. */
export const bodyTimeoutMs = 20_000;

/** Bodies that come slowly, at once: each may hold up to 3 MiB. */
export const slowBodiesMax = 200;

/** Of these at most so many belong to one user. */
export const slowBodiesPerUserMax = 50;

/** Idle keep-alive connections are closed after this. */
export const keepAliveTimeoutMs = 120_000;

/** All headers of one request: a bearer token of 16 KiB and ten times its room. */
export const headersSizeMaxBytes = 65_536;

/** HTTP/2 requests at once on one connection, upstream's default. */
export const streamsPerConnectionMax = 250;

/** Open connections at once; each TLS connection costs some 50 kB. */
export const connectionsMax = 2_000;

/** A stream whose client takes nothing for this long is cut off. */
export const streamStallMaxMs = 30_000;

/** A watch without timeoutSeconds ends after this, or up to twice this, upstream's --min-request-timeout. */
export const watchTimeoutMs = 1_800_000;

/** Answers from this size on are compressed when the client accepts it, upstream's value. */
export const compressFromBytes = 131_072;

/** Seconds a refused client is asked to wait. */
export const retryAfterSeconds = 1;

/** Counts requests at work, for all and per user. */
export class Inflight {
  readonly #max: number;
  readonly #perUserMax: number;
  readonly #byUser = new Map<string, number>();
  #total = 0;

  constructor(max: number, perUserMax: number) {
    this.#max = max;
    this.#perUserMax = perUserMax;
  }

  get total(): number { return this.#total; }

  /** Takes a place; the answer gives it back, once. Undefined when there is none. */
  enter(user: string): (() => void) | undefined {
    const own = this.#byUser.get(user) ?? 0;
    if (this.#total >= this.#max || own >= this.#perUserMax) return undefined;
    this.#total += 1;
    this.#byUser.set(user, own + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#total -= 1;
      const left = (this.#byUser.get(user) ?? 1) - 1;
      if (left > 0) this.#byUser.set(user, left);
      else this.#byUser.delete(user);
    };
  }
}

/** The 408 of a body that took too long. */
export function bodyTimedOut(): ApiError {
  return new ApiError("Timeout", `Timeout: the body of the request was not sent within ${bodyTimeoutMs / 1000}s`, { code: 408 });
}

/** The 504 of a request that took too long. */
export function requestTimedOut(): ApiError {
  return new ApiError("Timeout", `Timeout: request did not complete within ${requestTimeoutMs / 1000}s`, { details: { retryAfterSeconds } });
}
