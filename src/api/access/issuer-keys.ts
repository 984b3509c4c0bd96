import type { JSONWebKeySet, JWK } from "jose";
import type { Clock } from "../../world/clock.ts";
import type { Log } from "../../world/log.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { textOf } from "../shape.ts";

/** Reads a JSON document at an https address; throws what a person should read. */
export type ReadDocument = (url: string) => Promise<JsonObject>;

/** Keys are asked for anew after this: one that its issuer took back is believed no longer. */
const keysAgeMaxMs = 3_600_000;

/** Between two attempts, whatever tokens come: nobody makes the daemon ask an issuer again and again by sending unknown keys. */
const attemptPauseMs = 10_000;

/** Keys of one issuer looked at; providers have two or three. */
const keysMax = 100;

/** What the keys of an issuer are read with. */
export interface IssuerKeysOptions {
  readonly issuer: string;
  readonly read: ReadDocument;
  readonly world: { readonly clock: Pick<Clock, "nowMs">; readonly log: Log };
}

/**
 * The keys an issuer signs with, found by its discovery document when the first token asks for them, and kept. They are asked for anew when a token names a
 * key that is not among them, and when they are old; where that fails, the ones that are known go on.
 *
 * @see OpenID Connect Discovery 1.0, section 4
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: JSONWebKeySet | undefined;
  #readAtMs = 0;
  #triedAtMs: number | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** The keys for a token that names this one; undefined while the issuer has never been reached. */
  async find(keyId: string): Promise<JSONWebKeySet | undefined> {
    if (!this.#isEnough(keyId)) await this.#refresh();
    return this.#keys;
  }

  #isEnough(keyId: string): boolean {
    const isFresh = this.#keys !== undefined && this.#options.world.clock.nowMs() - this.#readAtMs < keysAgeMaxMs;
    return isFresh && (keyId === "" || this.#keys?.keys.some((key) => key.kid === keyId) === true);
  }

  /** One at a time, for everybody who waits. */
  async #refresh(): Promise<void> {
    const nowMs = this.#options.world.clock.nowMs();
    if (this.#reading === undefined) {
      if (this.#triedAtMs !== undefined && nowMs - this.#triedAtMs < attemptPauseMs) return;
      this.#triedAtMs = nowMs;
      this.#reading = this.#read().finally(() => { this.#reading = undefined; });
    }
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { issuer, read, world } = this.#options;
    try {
      const discovery = await read(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
      if (textOf(discovery, "issuer") !== issuer) throw new Error(`its discovery document names another issuer, ${JSON.stringify(textOf(discovery, "issuer"))}: --oidc-issuer-url must be the same to the letter`);
      const address = textOf(discovery, "jwks_uri");
      if (!URL.canParse(address) || new URL(address).protocol !== "https:") throw new Error(`its discovery document names no https address of its keys (jwks_uri)`);
      this.#keys = parseKeys(await read(address));
      this.#readAtMs = world.clock.nowMs();
    } catch (error) {
      world.log.warn("the keys of the OIDC issuer cannot be read; its tokens are taken as far as known keys go", { issuer, error });
    }
  }
}

function parseKeys(document: JsonObject): JSONWebKeySet {
  const { keys } = document;
  if (!Array.isArray(keys)) throw new Error("its key set has no keys");
  return { keys: keys.slice(0, keysMax).filter((key) => isJsonObject(key) && typeof key["kty"] === "string").map((key: unknown) => key as JWK) };
}
