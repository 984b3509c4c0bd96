import { request } from "node:https";
import type { RequestOptions } from "node:https";

/** What a server answered. */
export interface HttpsAnswer {
  readonly code: number;
  readonly text: string;
}

/** @see exchange */
export interface Exchange extends RequestOptions {
  /** What is sent; absent: nothing. */
  readonly sent?: string;
  /** A larger answer is an error. */
  readonly answerBytesMax: number;
}

/** Sends one request over HTTPS and reads all of its answer. Redirects are not followed. Throws when none came whole, or the signal aborted. */
export async function exchange(url: string, { sent, answerBytesMax, ...options }: Exchange): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > answerBytesMax) call.destroy(new Error(`the answer is larger than ${answerBytesMax} bytes`));
        chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => { resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }); });
    });
    call.on("error", reject);
    call.end(sent);
  });
}
