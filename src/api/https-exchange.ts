import type { IncomingMessage } from "node:http";
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
  const response = await new Promise<IncomingMessage>((resolve, reject) => { request(url, options, resolve).on("error", reject).end(sent); });
  return { code: response.statusCode ?? 0, text: await readText(response, answerBytesMax) };
}

/** All of an answer. Throws when it does not come whole or is larger; the connection ends then. */
export async function readText(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
