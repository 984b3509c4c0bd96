import { hasSecretBodies } from "../audit/secret-bodies.ts";
import type { AuditStart } from "../audit/trail.ts";
import type { UserInfo } from "../client.ts";
import type { Notes } from "../notes.ts";
import { parseSelection } from "../selection.ts";
import type { AccessAttributes, Authorizer } from "../verbs.ts";
import type { RawRequest } from "./exchange.ts";
import type { Identity } from "./identify.ts";
import { attributesOf } from "./request-traits.ts";
import type { Asked } from "./request-traits.ts";

/** What the audit log is told of a request that begins. */
export function auditStartOf({ method, target, path, verb }: Asked, { asker, user }: Identity, { url, socket, headers }: Pick<RawRequest, "url" | "socket" | "headers">): AuditStart {
  const start = {
    who: asker, ...(user === asker ? {} : { actingAs: user }), uri: url, path, sourceIPs: socket.remoteAddress === undefined ? [] : [socket.remoteAddress],
    userAgent: headers["user-agent"], verb: verb ?? method.toLowerCase(),
  };
  if (target.kind === "aggregated" && target.access.path === undefined) {
    const { group, resource, subresource, namespace = "", name = "" } = target.access;
    return { ...start, version: target.route.version, isSecret: false, resource: { group, resource, namespace, name, ...(subresource === undefined ? {} : { subresource }) } };
  }
  if (target.kind !== "resource") return { ...start, version: "", isSecret: target.kind === "transaction" };
  const { resource: kind, subresource, namespace = "", name = "" } = target;
  return {
    ...start, version: kind.version, isSecret: hasSecretBodies(kind, subresource),
    resource: { group: kind.group, resource: kind.plural, namespace, name, ...(subresource === undefined ? {} : { subresource }) },
  };
}

/** Notes whether the user may, and why, as upstream's audit annotations have it. */
export function noteDecision(asked: Asked, user: UserInfo, { authorizer, notes }: { readonly authorizer: Authorizer; readonly notes: Notes }): void {
  const attributes = attributesOf(asked);
  if (attributes === undefined) return;
  const reason = authorizer.explain(user, { ...attributes, ...selected(asked) });
  notes.annotate("authorization.k8s.io/decision", reason === undefined ? "forbid" : "allow");
  notes.annotate("authorization.k8s.io/reason", reason ?? "");
}

/** A list that asks for one name, or for what is on one node, may be allowed for it. */
function selected({ target, query }: Asked): Pick<AccessAttributes, "name" | "exact"> {
  const fieldSelector = query.get("fieldSelector");
  if (target.kind !== "resource" || target.name !== undefined || fieldSelector === null) return {};
  try {
    const { name, exact } = parseSelection(target.resource, { fieldSelector });
    return { exact, ...(name === undefined ? {} : { name }) };
  } catch {
    // Whoever asks is told what is wrong with it.
    return {};
  }
}
