import { authenticatedGroup } from "./bootstrap-roles.ts";
import type { UserInfo } from "../client.ts";
import type { TokenOwner } from "../reviews/review.ts";

/** One way to know a token. */
export interface TokenSource {
  /** Whose it is, or why it is nobody's; undefined when it is of another sort. Without audiences the API's own is meant. */
  authenticate(token: string, audiences: readonly string[]): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly reason: string } | undefined>;
}

/** Asks the ways to know a token one after the other; more may be added as parts come up. */
export class TokenOwners {
  readonly #sources: TokenSource[] = [];

  add(source: TokenSource): void {
    this.#sources.push(source);
  }

  async find(token: string, audiences: readonly string[] = []): Promise<TokenOwner> {
    for (const source of this.#sources) {
      const found = await source.authenticate(token, audiences);
      if (found === undefined) continue;
      return "reason" in found ? { kind: "unknown", reason: found.reason } : { kind: "known", user: authenticated(found.user), audiences: found.audiences };
    }
    return { kind: "unknown", reason: "invalid bearer token" };
  }

  /** The user of a token sent to the API itself. */
  async userOf(token: string): Promise<UserInfo | undefined> {
    const owner = await this.find(token);
    return owner.kind === "known" ? owner.user : undefined;
  }
}

/** A source that knows tokens for the API alone. */
export function plainSource(userOf: (token: string) => Promise<UserInfo | undefined>): TokenSource {
  return {
    async authenticate(token) {
      const user = await userOf(token);
      return user === undefined ? undefined : { user, audiences: [] };
    },
  };
}

/** A user with the group of all known users. */
export function authenticated(user: UserInfo): UserInfo {
  return user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}
