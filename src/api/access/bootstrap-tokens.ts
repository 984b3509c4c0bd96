import { timingSafeEqual } from "node:crypto";
import type { Kind } from "../../model/kind.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import type { Clock } from "../../world/clock.ts";
import { isOfKind } from "../shape.ts";
import type { TokenSource } from "./token-owners.ts";

/** The type of the Secrets that let a machine join. */
export const bootstrapSecretType = "bootstrap.kubernetes.io/token";

/** The group of all bootstrap tokens; others must lie below it. */
const bootstrappers = "system:bootstrappers";
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Short-lived tokens for machines that join, as Secrets in `kube-system`. @see kubernetes plugin/pkg/auth/authenticator/token/bootstrap */
export function bootstrapTokens(read: (kind: Kind, ref: ObjectRef) => ApiObject | undefined, clock: Clock): TokenSource {
  return {
    async authenticate(token) {
      const [, id = "", secret = ""] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
      if (id === "") return undefined;
      const wrong = { reason: "invalid bearer token" };
      const found = read(SecretKind, { namespace: "kube-system", name: `bootstrap-token-${id}` });
      if (found === undefined || !isOfKind(SecretKind, found) || found.type !== bootstrapSecretType || found.metadata.deletionTimestamp !== undefined) return wrong;
      const text = (key: string) => Buffer.from(found.data?.[key] ?? "", "base64").toString();
      if (text("token-id") !== id || !isSame(text("token-secret"), secret) || text("usage-bootstrap-authentication") !== "true") return wrong;
      const expiration = text("expiration");
      if (expiration !== "" && !(Date.parse(expiration) > clock.nowMs())) return { reason: "bootstrap token has expired" };
      const groups = text("auth-extra-groups").split(",").filter((group) => group !== "");
      if (!groups.every((group) => extraGroup.test(group))) return wrong;
      return { user: { name: `system:bootstrap:${id}`, groups: [bootstrappers, ...groups] }, audiences: [] };
    },
  };
}

function isSame(known: string, given: string): boolean {
  return known.length === given.length && timingSafeEqual(Buffer.from(known), Buffer.from(given));
}
