import { createHash } from "node:crypto";
import type { UserInfo } from "../client.ts";
import type { TokenSource } from "./token-owners.ts";

/** Tokens from a file, which hold until the daemon starts anew. Kept as hashes, so that none is compared letter by letter. */
export function staticTokens(owners: ReadonlyMap<string, UserInfo>): TokenSource {
  const byHash = new Map([...owners].map(([token, user]) => [hashOf(token), user]));
  return {
    async authenticate(token) {
      const user = byHash.get(hashOf(token));
      return user === undefined ? undefined : { user, audiences: [] };
    },
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * Reads upstream's file of tokens: `token,user,uid,"group1,group2"` a line. Throws an Error that names the line, never the token.
 *
 * @see kubernetes --token-auth-file
 */
export function parseTokenFile(text: string, path: string): ReadonlyMap<string, UserInfo> {
  const owners = new Map<string, UserInfo>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [token = "", name = "", uid, groups = ""] = parseFields(line);
    if (token === "" || name === "" || uid === undefined) throw new Error(`${path}:${index + 1}: write token,user,uid and, if any, "group,group"`);
    if (owners.has(token)) throw new Error(`${path}:${index + 1}: this token stands twice`);
    owners.set(token, { name, ...(uid === "" ? {} : { uid }), groups: groups.split(",").map((group) => group.trim()).filter((group) => group !== "") });
  }
  return owners;
}

/** The fields of one line; quotes hold commas together. */
function parseFields(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = ""]) => (quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"')));
}
