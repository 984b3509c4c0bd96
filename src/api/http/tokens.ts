import { createHash, timingSafeEqual } from "node:crypto";
import { isApiError } from "../../model/api-error.ts";
import type { Secret } from "../../model/kinds/secret.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { randomSuffix } from "../../world/chance.ts";
import { printTime } from "../../world/clock.ts";
import type { World } from "../../world/world.ts";
import type { Client, UserInfo } from "../client.ts";
import { parseJson } from "../../value/json.ts";

/** The type of the Secrets that hold the hashes of tokens. */
export const tokenSecretType = "capstan.dev/token";

/** Where they lie. */
export const tokenNamespace = "kube-system";

/** Random bytes of a token's secret part: nobody guesses 256 bits, so one round of SHA-256 is enough of a hash. */
const secretSizeBytes = 32;

/** Letters of a token's public part, which names its Secret. */
const idLength = 10;

/** Pause before the watch on tokens is opened again after a failure. */
const retryMs = 1_000;

/** Whom a new token is for. */
export interface TokenRequest {
  readonly user: string;
  readonly groups: readonly string[];
  /** Seconds it is good for; for good when absent. */
  readonly lifetimeSeconds?: number;
}

/** A token as it is shown once and never again. */
export interface CreatedToken {
  readonly token: string;
  /** The Secret in `kube-system`; removing it revokes the token. */
  readonly secretName: string;
}

/** Makes a token and stores its hash. */
export async function createToken(client: Client, world: Pick<World, "chance" | "clock">, request: TokenRequest): Promise<CreatedToken> {
  const id = randomSuffix(world.chance, idLength);
  const secret = Buffer.from(world.chance.bytes(secretSizeBytes)).toString("base64url");
  const secretName = `token-${id}`;
  const expiry = request.lifetimeSeconds === undefined ? {} : { expires: printTime(world.clock.nowMs() + request.lifetimeSeconds * 1000) };
  const fields = { hash: hashOf(secret).toString("hex"), user: request.user, groups: JSON.stringify(request.groups), ...expiry };
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
  await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: secretName, namespace: tokenNamespace }, type: tokenSecretType, data });
  return { token: `capstan_${id}_${secret}`, secretName };
}

/** What is known of one token. */
interface TokenRecord {
  readonly hash: Buffer;
  readonly user: UserInfo;
  readonly expiresAtMs: number | undefined;
}

/** The tokens that are good now, kept true by a watch. */
export class TokenIndex {
  readonly #client: Client;
  readonly #world: World;
  readonly #records = new Map<string, TokenRecord>();

  constructor(client: Client, world: World) {
    this.#client = client;
    this.#world = world;
  }

  /** The user of a token; undefined when it is unknown, revoked or expired. */
  async userOf(token: string): Promise<UserInfo | undefined> {
    const parts = /^capstan_([a-z0-9]{1,63})_([\w-]{1,128})$/.exec(token);
    const [, id = "", secret = ""] = parts ?? [];
    if (parts === null) return undefined;
    // A token made a moment ago may be ahead of the watch.
    const record = this.#records.get(`token-${id}`) ?? await this.#read(`token-${id}`);
    const isRight = timingSafeEqual(record?.hash ?? Buffer.alloc(secretSizeBytes), hashOf(secret));
    if (record === undefined || !isRight) return undefined;
    return record.expiresAtMs !== undefined && record.expiresAtMs <= this.#world.clock.nowMs() ? undefined : record.user;
  }

  /** Follows the Secrets until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!isApiError(error, "Expired")) this.#world.log.warn("the watch on tokens broke off", { error });
        await this.#world.clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const selection = { namespace: tokenNamespace, fieldSelector: `type=${tokenSecretType}` };
    const { items, resourceVersion } = await this.#client.list(SecretKind, selection);
    this.#records.clear();
    for (const secret of items) this.#take(secret);
    for await (const event of this.#client.watch(SecretKind, { ...selection, resourceVersion }, signal)) {
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") this.#records.delete(event.object.metadata.name);
      else this.#take(event.object);
    }
  }

  #take(secret: Secret): void {
    const record = recordOf(secret);
    if (record === undefined) this.#records.delete(secret.metadata.name);
    else this.#records.set(secret.metadata.name, record);
  }

  /** Not kept: only what the watch brings is, since only the watch takes it away again. */
  async #read(name: string): Promise<TokenRecord | undefined> {
    const secret = await this.#client.get(SecretKind, { namespace: tokenNamespace, name });
    return secret === undefined ? undefined : recordOf(secret);
  }
}

function recordOf(secret: Secret): TokenRecord | undefined {
  const user = userOfTokenSecret(secret);
  if (user === undefined || secret.metadata.deletionTimestamp !== undefined) return undefined;
  const hash = Buffer.from(textOf(secret, "hash"), "hex");
  const expires = textOf(secret, "expires");
  if (hash.length !== secretSizeBytes) return undefined;
  return { hash, user, expiresAtMs: expires === "" ? undefined : Date.parse(expires) || 0 };
}

/** The user a token's Secret makes of whoever has the token; undefined for any other Secret. */
export function userOfTokenSecret(secret: Secret): UserInfo | undefined {
  const name = textOf(secret, "user");
  return secret.type !== tokenSecretType || secret.metadata.namespace !== tokenNamespace || name === "" ? undefined : { name, groups: parseGroups(textOf(secret, "groups")) };
}

function textOf({ data = {} }: Secret, key: string): string {
  return Buffer.from(data[key] ?? "", "base64").toString();
}

function parseGroups(text: string): readonly string[] {
  const groups = parseJson(text);
  return Array.isArray(groups) ? groups.filter((group): group is string => typeof group === "string") : [];
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
