import { Agent } from "node:https";
import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import { isJsonObject } from "../../value/json.ts";
import type { World } from "../../world/world.ts";
import { exchange } from "../https-exchange.ts";
import type { HttpsAnswer } from "../https-exchange.ts";
import type { CallTarget, Outside, Question, Reply } from "../questions.ts";
import { explainAnswer, explainCall } from "./explain-failure.ts";

/** Calls under way at once: more would only wait in the webhooks. */
const callsMax = 100;

/** Connections to one webhook. */
const connectionsPerTargetMax = 25;

/** The largest answer: a patch may be as large as an object, and is base64. */
const replyBytesMax = 4 * 1024 * 1024;

/** Asks webhooks over HTTPS: each in its time, with its authority, so many at once. */
export class HttpsOutside implements Outside {
  readonly #world: Pick<World, "clock">;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsPerTargetMax });
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(world: Pick<World, "clock">) {
    this.#world = world;
  }

  async ask({ target, body }: Question): Promise<Reply> {
    const abort = new AbortController();
    const cancel = this.#world.clock.after(target.timeoutMs, () => { abort.abort(); });
    try {
      await this.#enter(abort.signal);
      try {
        return parseReply(await exchange(target.url, { ...optionsOf(target), agent: this.#agent, signal: abort.signal, sent: JSON.stringify(body), answerBytesMax: replyBytesMax }));
      } finally {
        this.#leave();
      }
    } catch (error) {
      return { kind: "failed", message: abort.signal.aborted ? "context deadline exceeded" : explainCall(error, new URL(target.url).hostname.replace(/^\[(.*)\]$/, "$1")) };
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#running < callsMax) { this.#running += 1; return; }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => { signal.removeEventListener("abort", giveUp); this.#running += 1; resolve(); };
      const giveUp = (): void => { this.#waiting.splice(this.#waiting.indexOf(enter), 1); reject(new Error("too many webhooks are being called")); };
      this.#waiting.push(enter);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #leave(): void {
    this.#running -= 1;
    this.#waiting.shift()?.();
  }
}

function optionsOf({ url, address, ca }: CallTarget): RequestOptions {
  const { hostname, host } = new URL(url);
  return {
    method: "POST", headers: { "content-type": "application/json", accept: "application/json", host }, ...(ca === undefined ? {} : { ca }),
    ...(address === undefined ? {} : { hostname: address.host, port: address.port }),
    // A Service is known by its name in the cluster, not by its address.
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
  };
}

function parseReply({ code, text }: HttpsAnswer): Reply {
  if (code < 200 || code >= 300) return { kind: "failed", message: explainAnswer(code, text), isAnswer: true };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { kind: "failed", message: `couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`, isAnswer: true };
  }
  return isJsonObject(body) ? { kind: "answered", body } : { kind: "failed", message: "couldn't get version/kind; json parse error: the answer is no object", isAnswer: true };
}
