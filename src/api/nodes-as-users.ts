import type { UserInfo } from "./client.ts";

/** Users of this group with this prefix are node agents. */
const nodesGroup = "system:nodes";
const nodeUserPrefix = "system:node:";

/** The name of the node a user is; undefined for everybody else. */
export function nodeNameOf(user: UserInfo): string | undefined {
  return user.groups.includes(nodesGroup) && user.name.startsWith(nodeUserPrefix) ? user.name.slice(nodeUserPrefix.length) : undefined;
}
