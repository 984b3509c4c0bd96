import type { UserInfo } from "../api/client.ts";
import { sha256 } from "../value/digest.ts";
import type { World } from "../world/world.ts";
import type { SessionKeeper } from "./kept-sessions.ts";

/** A login link is good for so long: enough to read the terminal and click. */
export const linkLifetimeMs = 15 * 60_000;

/** A session ends this long after the last request it made: a working day. */
export const sessionIdleMs = 12 * 3_600_000;

/** A session ends at the latest after this. */
export const sessionLifetimeMs = 7 * 24 * 3_600_000;

/** Sessions at once; the least recently used one goes first. Each holds a few hundred bytes. */
export const sessionsMax = 1_000;

/** Login links that wait to be used. */
export const linksMax = 20;

/** Failed logins from one address before it has to wait: no person mistypes so often, and 256-bit tokens are not guessed so fast. */
export const failuresMax = 10;

/** After this long without a failure an address may try again. */
export const failureWindowMs = 60_000;

/** Addresses remembered for their failures. */
const addressesMax = 10_000;

/** Random bytes of a session's or a link's secret. */
const secretSizeBytes = 32;

/** Who is logged in. */
export interface Session {
  readonly user: UserInfo;
  /** The token it began with; a session of a revoked token ends. Absent for the one-time link. */
  readonly token: string | undefined;
  readonly startedAtMs: number;
  readonly usedAtMs: number;
}

/** Whom the one-time link logs in: the owner of the machine, who can read the administrator's kubeconfig as well. */
export const linkUser: UserInfo = { name: "dashboard", groups: ["system:authenticated", "capstan:admin"] };

/** Sessions of login links that outlive the daemon: a person has a few browsers. */
const keptMax = 50;

/**
 * Sessions and one-time links, bounded in every direction. Sessions of login links are kept over a restart; those of tokens begin anew, since
 * tokens are kept nowhere.
 */
export class Sessions {
  readonly #world: World;
  readonly #keeper: SessionKeeper | undefined;
  readonly #users: (token: string) => Promise<UserInfo | undefined>;
  readonly #sessions = new Map<string, Session>();
  readonly #links = new Map<string, number>();
  readonly #failures = new Map<string, { readonly count: number; readonly atMs: number }>();

  #saving: Promise<void> = Promise.resolve();

  constructor(world: World, users: (token: string) => Promise<UserInfo | undefined>, keeper?: SessionKeeper) {
    this.#world = world;
    this.#users = users;
    this.#keeper = keeper;
  }

  /** Takes up the sessions that were kept. */
  async restore(): Promise<void> {
    const kept = await this.#keeper?.load().catch((error: unknown) => { this.#world.log.warn("the page's sessions could not be read; everybody logs in again", { error }); return []; });
    const nowMs = this.#world.clock.nowMs();
    for (const { digest, startedAtMs } of kept ?? []) {
      if (nowMs - startedAtMs < sessionLifetimeMs) this.#sessions.set(digest, { user: linkUser, token: undefined, startedAtMs, usedAtMs: nowMs });
    }
  }

  /** Resolves when what is to be kept is kept. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  /** The secret of a new one-time link. */
  mintLink(): string {
    const secret = this.#secret();
    this.#links.set(secret, this.#world.clock.nowMs() + linkLifetimeMs);
    dropOldest(this.#links, linksMax);
    return secret;
  }

  /** True while an address has failed too often. */
  isBlocked(address: string): boolean {
    const failure = this.#failures.get(address);
    return failure !== undefined && failure.count >= failuresMax && this.#world.clock.nowMs() - failure.atMs < failureWindowMs;
  }

  /** Begins a session with a one-time link's secret, which is used up by it. Undefined when it is unknown, used or expired. */
  beginWithLink(secret: string, address: string): string | undefined {
    const expiresAtMs = this.#links.get(secret);
    this.#links.delete(secret);
    if (expiresAtMs === undefined || expiresAtMs <= this.#world.clock.nowMs()) { this.#fail(address); return undefined; }
    return this.#begin(linkUser, undefined);
  }

  /** Begins a session with a token of the API. Undefined when it is wrong. */
  async beginWithToken(token: string, address: string): Promise<string | undefined> {
    const user = await this.#users(token);
    if (user === undefined) { this.#fail(address); return undefined; }
    return this.#begin(user, token);
  }

  /** The session of a cookie; undefined when there is none, it has expired, or its token was revoked. */
  async find(cookie: string): Promise<Session | undefined> {
    const id = sha256(cookie);
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    const nowMs = this.#world.clock.nowMs();
    const user = session.token === undefined ? session.user : await this.#users(session.token);
    if (user === undefined || nowMs - session.usedAtMs >= sessionIdleMs || nowMs - session.startedAtMs >= sessionLifetimeMs) { this.#sessions.delete(id); return undefined; }
    // A session that was ended while its token was looked up stays ended.
    if (!this.#sessions.delete(id)) return undefined;
    const used = { ...session, user, usedAtMs: nowMs };
    this.#sessions.set(id, used);
    return used;
  }

  end(cookie: string): void {
    this.#sessions.delete(sha256(cookie));
    this.#keep();
  }

  #begin(user: UserInfo, token: string | undefined): string {
    const cookie = this.#secret();
    const nowMs = this.#world.clock.nowMs();
    this.#sessions.set(sha256(cookie), { user, token, startedAtMs: nowMs, usedAtMs: nowMs });
    dropOldest(this.#sessions, sessionsMax);
    if (token === undefined) this.#keep();
    return cookie;
  }

  /** Writes down the sessions of login links, one writing after the other. A failure costs a login after the next restart. */
  #keep(): void {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    this.#saving = this.#saving.then(async () => {
      const kept = [...this.#sessions].filter(([, { token }]) => token === undefined).slice(-keptMax);
      await keeper.save(kept.map(([digest, { startedAtMs }]) => ({ digest, startedAtMs })));
    }).catch((error: unknown) => { this.#world.log.warn("the page's sessions could not be kept", { error }); });
  }

  #fail(address: string): void {
    const nowMs = this.#world.clock.nowMs();
    const known = this.#failures.get(address);
    const count = known === undefined || nowMs - known.atMs >= failureWindowMs ? 1 : known.count + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count, atMs: nowMs });
    dropOldest(this.#failures, addressesMax);
  }

  #secret(): string {
    return Buffer.from(this.#world.chance.bytes(secretSizeBytes)).toString("base64url");
  }
}

function dropOldest(map: Map<string, unknown>, countMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= countMax) return;
    map.delete(key);
  }
}
