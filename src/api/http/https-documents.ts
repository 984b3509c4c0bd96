import { request } from "node:https";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Clock } from "../../world/clock.ts";

/** A document of an identity provider has some kilobytes. */
const documentBytesMax = 1024 * 1024;

/** Whoever waits for it is a person's request. */
const documentTimeoutMs = 10_000;

/**
 * Reads JSON documents over HTTPS. Redirects are not followed: what an issuer says stands at its own address. Throws an error whose message names the address.
 *
 * @param ca PEM of the authorities trusted instead of the system's
 */
export function httpsDocuments(clock: Pick<Clock, "after">, ca?: string): (url: string) => Promise<JsonObject> {
  return async (url) => {
    const abort = new AbortController();
    const cancel = clock.after(documentTimeoutMs, () => { abort.abort(); });
    try {
      const { code, text } = await get(url, { ...(ca === undefined ? {} : { ca }), signal: abort.signal });
      if (code !== 200) throw new Error(`the server answered ${code}`);
      const document: unknown = JSON.parse(text);
      if (!isJsonObject(document)) throw new Error("the server answered something that is no object");
      return document;
    } catch (error) {
      const why = abort.signal.aborted ? `no answer within ${documentTimeoutMs / 1000} s` : error instanceof Error ? error.message : String(error);
      throw new Error(`${url}: ${why}`, { cause: error });
    } finally {
      cancel();
    }
  };
}

async function get(url: string, options: { readonly ca?: string; readonly signal: AbortSignal }): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    // A connection of its own: the next time is an hour away.
    const call = request(url, { ...options, agent: false, headers: { accept: "application/json" } }, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > documentBytesMax) call.destroy(new Error(`the answer is larger than ${documentBytesMax} bytes`));
        chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => { resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }); });
    });
    call.on("error", reject);
    call.end();
  });
}
