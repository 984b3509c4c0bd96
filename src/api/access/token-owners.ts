import { authenticatedGroup } from "./bootstrap-roles.ts";
import type { UserInfo } from "../client.ts";
import type { TokenOwner } from "../reviews/review.ts";

/** One way to know a token. */
export interface TokenSource {
  /** Whose it is, or why it is nobody's; undefined when it is of another sort. Without audiences the API's own is meant, and so it is in an answer that names none. */
  authenticate(token: string, audiences: readonly string[]): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly reason: string } | undefined>;
}

/** Asks the ways to know a token one after the other; more may be added as parts come up. */
export class TokenOwners {
  readonly #sources: TokenSource[] = [];
  readonly #audience: string;

  /** @param audience the API's own: that of tokens which name none */
  constructor(audience: string) {
    this.#audience = audience;
  }

  add(source: TokenSource): void {
    this.#sources.push(source);
  }

  async find(token: string, audiences: readonly string[] = []): Promise<TokenOwner> {
    for (const source of this.#sources) {
      const found = await source.authenticate(token, audiences);
      if (found === undefined) continue;
      if ("reason" in found) return { kind: "unknown", reason: found.reason };
      const meant = found.audiences.length === 0 ? [this.#audience] : found.audiences;
      // Who checks tokens for an application must not take one that was made for the API alone.
      if (audiences.length > 0 && !meant.some((audience) => audiences.includes(audience))) return { kind: "unknown", reason: wrongAudience(meant, audiences) };
      return { kind: "known", user: authenticated(found.user), audiences: meant };
    }
    return { kind: "unknown", reason: "invalid bearer token" };
  }

  /** The user of a token sent to the API itself. */
  async userOf(token: string): Promise<UserInfo | undefined> {
    const owner = await this.find(token);
    return owner.kind === "known" ? owner.user : undefined;
  }
}

/** Upstream's words for a token that is for somebody else. */
export function wrongAudience(meant: readonly string[], wanted: readonly string[]): string {
  return `token audiences ${JSON.stringify(meant)} is invalid for the target audiences ${JSON.stringify(wanted)}`;
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
