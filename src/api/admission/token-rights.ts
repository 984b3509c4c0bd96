import { SecretKind } from "../../model/kinds/secret.ts";
import { isEqual } from "../../value/equal.ts";
import { asJson } from "../../value/json.ts";
import type { Admission } from "../admission-plugin.ts";
import { accessDenied, forbidden } from "../errors.ts";
import { impersonationOf } from "../http/impersonation.ts";
import { userOfTokenSecret } from "../http/tokens.ts";
import { isOfKind } from "../shape.ts";

/**
 * Who writes the Secret of a token makes a user of whoever has it, so they must be allowed to impersonate that user and each of its groups: rights to write
 * Secrets in `kube-system` make nobody an administrator.
 */
export const tokenRights: Admission = {
  name: "TokenRights",
  handles: ({ operation, kind, subresource }) => operation !== "remove" && kind === SecretKind && subresource === undefined,
  validate(object, { kind, ref, old, user, authorizer }) {
    const owner = isOfKind(SecretKind, object) ? userOfTokenSecret(object) : undefined;
    if (owner === undefined || (old !== undefined && isOfKind(SecretKind, old) && isOfKind(SecretKind, object) && isEqual(asJson(old.data ?? {}), asJson(object.data ?? {})))) return;
    const missing = impersonationOf(owner).find((access) => !authorizer.isAllowed(user, access));
    if (missing !== undefined) throw forbidden(kind, ref.name, `a token makes its user of whoever has it: ${accessDenied(user.name, missing).message}`);
  },
};
