import type { Secret } from "../../model/kinds/secret.ts";
import type { ServiceAccount } from "../../model/kinds/service-account.ts";

/** Secrets of this type hold a token of the account they name. */
export const tokenSecretType = "kubernetes.io/service-account-token";

/** The account a token is for, and the one it was made for. */
export const accountNameAnnotation = "kubernetes.io/service-account.name";
const accountUidAnnotation = "kubernetes.io/service-account.uid";

/** What is to become of a Secret: it goes with its account, or gets what it lacks. Pure. */
export type TokenSecretDecision = { readonly kind: "nothing" } | { readonly kind: "remove" } | { readonly kind: "fill"; readonly needsToken: boolean };

/** @see kubernetes pkg/controller/serviceaccount/tokens_controller.go */
export function decideTokenSecret({ type, metadata, data = {} }: Secret, account: ServiceAccount | undefined, ca: string): TokenSecretDecision {
  if (type !== tokenSecretType || metadata.deletionTimestamp !== undefined || (metadata.annotations?.[accountNameAnnotation] ?? "") === "") return { kind: "nothing" };
  const uid = metadata.annotations?.[accountUidAnnotation] ?? "";
  if (account === undefined || account.metadata.deletionTimestamp !== undefined) return { kind: "remove" };
  if (uid !== "" && uid !== account.metadata.uid) return { kind: "remove" };
  const needsToken = (data["token"] ?? "") === "" || uid === "";
  return !needsToken && data["ca.crt"] === encode(ca) && data["namespace"] === encode(metadata.namespace ?? "") ? { kind: "nothing" } : { kind: "fill", needsToken };
}

/** The Secret with its token; without one it keeps its own. Pure. */
export function fillTokenSecret(secret: Secret, account: ServiceAccount, { token, ca }: { readonly token: string | undefined; readonly ca: string }): Secret {
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [accountUidAnnotation]: account.metadata.uid ?? "" } },
    data: { ...secret.data, "ca.crt": encode(ca), namespace: encode(secret.metadata.namespace ?? ""), ...(token === undefined ? {} : { token: encode(token) }) },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}
