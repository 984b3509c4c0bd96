import { serviceAccountGroups } from "../access/role-index.ts";
import { authenticated } from "../access/token-owners.ts";
import type { UserInfo } from "../client.ts";
import { accessDenied, badRequest } from "../errors.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import { anonymousUser } from "./authentication.ts";

/** Who a request wants to be taken for. */
interface Wish {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const prefix = "impersonate-";
const extraPrefix = "impersonate-extra-";
const accountPrefix = "system:serviceaccount:";

/** The group of what only authentication knows: uids and extra. */
const authenticationGroup = "authentication.k8s.io";

/**
 * The user a request acts as: who asks, or whom they may impersonate. Throws Forbidden for what they may not.
 *
 * @param rawHeaders names and values by turns, as they came: values of one name must not be joined
 * @see kubernetes apiserver pkg/endpoints/filters/impersonation.go
 */
export function impersonate(user: UserInfo, rawHeaders: readonly string[], authorizer: Pick<Authorizer, "isAllowed">): UserInfo {
  const wish = readWish(rawHeaders);
  if (wish === undefined) return user;
  for (const attributes of impersonationOf(wish)) {
    if (!authorizer.isAllowed(user, attributes)) throw accessDenied(user.name, attributes);
  }
  const account = accountOf(wish.name);
  const groups = wish.groups.length === 0 && account !== undefined ? serviceAccountGroups(account.namespace) : wish.groups;
  const acted: UserInfo = {
    name: wish.name, groups, ...(wish.uid === "" ? {} : { uid: wish.uid }), ...(Object.keys(wish.extra).length === 0 ? {} : { extra: wish.extra }),
  };
  if (wish.name !== anonymousUser.name) return anonymousUser.groups.some((group) => groups.includes(group)) ? acted : authenticated(acted);
  return { ...acted, groups: [...new Set([...groups, ...anonymousUser.groups])] };
}

function readWish(rawHeaders: readonly string[]): Wish | undefined {
  const sent: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] ?? "";
    // Every request comes by here, and hardly any has such a header.
    if (header.length <= prefix.length || (header[0] !== "i" && header[0] !== "I")) continue;
    const name = header.toLowerCase();
    if (name.startsWith(prefix)) sent.push([name, readText(rawHeaders[at + 1] ?? "")]);
  }
  if (sent.length === 0) return undefined;
  const valuesOf = (name: string) => sent.filter(([header]) => header === name).map(([, value]) => value);
  const extra: Record<string, string[]> = {};
  for (const [header, value] of sent) if (header.startsWith(extraPrefix)) (extra[decodeKey(header.slice(extraPrefix.length))] ??= []).push(value);
  const [name = "", ...others] = valuesOf(`${prefix}user`);
  if (name === "") throw badRequest("the request asks for groups, a uid or extra without a user to impersonate");
  if (others.length > 0) throw badRequest("the request names several users to impersonate");
  return { name, uid: valuesOf(`${prefix}uid`)[0] ?? "", groups: valuesOf(`${prefix}group`), extra };
}

/** A header carries bytes, and Node takes each for a letter: a name is told in UTF-8. */
function readText(value: string): string {
  return !/[\u0080-\u00ff]/.test(value) || /[\u0100-\uffff]/.test(value) ? value : Buffer.from(value, "latin1").toString();
}

/** Keys of extra may hold what a header's name may not; a broken escape is taken as it is. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What must be allowed to act for somebody, each by itself. */
export function impersonationOf({ name, uid = "", groups, extra = {} }: UserInfo): readonly AccessAttributes[] {
  const verb = "impersonate";
  const account = accountOf(name);
  return [
    account === undefined ? { verb, group: "", resource: "users", name } : { verb, group: "", resource: "serviceaccounts", ...account },
    ...groups.map((group) => ({ verb, group: "", resource: "groups", name: group })),
    ...(uid === "" ? [] : [{ verb, group: authenticationGroup, resource: "uids", name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((value) => ({ verb, group: authenticationGroup, resource: "userextras", subresource: key, name: value }))),
  ];
}

/** The ServiceAccount a user name stands for. */
function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(accountPrefix)) return undefined;
  const [namespace = "", name = "", ...more] = user.slice(accountPrefix.length).split(":");
  return namespace === "" || name === "" || more.length > 0 ? undefined : { namespace, name };
}
