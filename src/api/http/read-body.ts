import { ApiError } from "../../model/api-error.ts";
import type { Clock } from "../../world/clock.ts";
import type { RawRequest } from "./exchange.ts";
import { bodyPatienceMs, bodyTimedOut, bodyTimeoutMs } from "./limits.ts";
import { bodySizeMaxBytes, bodyTooLarge } from "./request-body.ts";
import { apiErrorOf } from "./status.ts";

const nothing = new Uint8Array(0);

/** Methods whose bodies mean something. What others bring is left unread, and goes when they are answered. */
const methodsWithBodies: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** True where there is no body to wait for: HTTP/1.1 says so in the headers, HTTP/2 by the end of the stream. */
export function hasNoBody({ method, headers, stream }: Pick<RawRequest, "method" | "headers" | "stream">): boolean {
  return !methodsWithBodies.has(method) || (stream === undefined && headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0");
}

/** What reading a body takes. */
export interface BodyReading {
  readonly clock: Clock;
  /** Called once where the body is not there soon; throws ApiError where there is no room for one more of those. */
  readonly onSlow: () => void;
}

/** Reads a body to its end. Rejects with RequestEntityTooLarge beyond the limit, with Timeout where it comes too slowly, with BadRequest where the client breaks off. */
export function readBody(request: RawRequest, { clock, onSlow }: BodyReading): Promise<Uint8Array> {
  if (Number(request.headers["content-length"] ?? 0) > bodySizeMaxBytes) return Promise.reject(bodyTooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
      cancel();
    };
    const giveUp = (error: unknown): void => {
      settle();
      request.off("data", onData);
      chunks.length = 0;
      reject(apiErrorOf(error));
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes <= bodySizeMaxBytes) chunks.push(chunk);
      else giveUp(bodyTooLarge());
    };
    let cancel = clock.after(bodyPatienceMs, () => {
      cancel = clock.after(bodyTimeoutMs - bodyPatienceMs, () => { giveUp(bodyTimedOut()); });
      try {
        onSlow();
      } catch (error) {
        giveUp(error);
      }
    });
    request.on("data", onData);
    request.on("end", () => {
      settle();
      const [only = nothing] = chunks;
      resolve(chunks.length > 1 ? Buffer.concat(chunks, sizeBytes) : only);
    });
    request.on("error", (error: Error) => { settle(); reject(brokenOff(error)); });
    // Comes in the end of every request; an error takes longer to make than a body to read.
    request.on("close", () => {
      if (isSettled) return;
      settle();
      reject(brokenOff());
    });
  });
}

function brokenOff(cause?: Error): ApiError {
  return new ApiError("BadRequest", "the body of the request ends too early", cause === undefined ? {} : { cause });
}
