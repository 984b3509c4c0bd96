import { ApiError } from "../../model/api-error.ts";
import type { RawRequest } from "./exchange.ts";
import { bodySizeMaxBytes, bodyTooLarge } from "./request-body.ts";

const nothing = new Uint8Array(0);

/** Methods whose bodies mean something. What others bring is left unread, and goes when they are answered. */
const methodsWithBodies: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** True where there is no body to wait for: HTTP/1.1 says so in the headers, HTTP/2 by the end of the stream. */
export function hasNoBody({ method, headers, stream }: Pick<RawRequest, "method" | "headers" | "stream">): boolean {
  return !methodsWithBodies.has(method) || (stream === undefined && headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0");
}

/** Reads a body to its end. Rejects with RequestEntityTooLarge beyond the limit, with BadRequest where the client breaks off. */
export function readBody(request: RawRequest): Promise<Uint8Array> {
  if (Number(request.headers["content-length"] ?? 0) > bodySizeMaxBytes) return Promise.reject(bodyTooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let isSettled = false;
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes <= bodySizeMaxBytes) { chunks.push(chunk); return; }
      request.off("data", onData);
      chunks.length = 0;
      isSettled = true;
      reject(bodyTooLarge());
    };
    request.on("data", onData);
    request.on("end", () => {
      isSettled = true;
      const [only = nothing] = chunks;
      resolve(chunks.length > 1 ? Buffer.concat(chunks, sizeBytes) : only);
    });
    request.on("error", (error: Error) => { isSettled = true; reject(brokenOff(error)); });
    // Comes in the end of every request; an error takes longer to make than a body to read.
    request.on("close", () => { if (!isSettled) reject(brokenOff()); });
  });
}

function brokenOff(cause?: Error): ApiError {
  return new ApiError("BadRequest", "the body of the request ends too early", cause === undefined ? {} : { cause });
}
