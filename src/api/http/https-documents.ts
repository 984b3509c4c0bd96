import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { Clock } from "../../world/clock.ts";
import { exchange } from "../https-exchange.ts";

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
      // A connection of its own: the next time is an hour away.
      const { code, text } = await exchange(url, { ...(ca === undefined ? {} : { ca }), agent: false, headers: { accept: "application/json" }, signal: abort.signal, answerBytesMax: documentBytesMax });
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
