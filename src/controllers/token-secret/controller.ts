import type { Controller } from "../../control/controller.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import type { Secret } from "../../model/kinds/secret.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { ServiceAccount } from "../../model/kinds/service-account.ts";
import { accountNameAnnotation, decideTokenSecret, fillTokenSecret, tokenSecretType } from "./decide.ts";

/** What tokens in Secrets are made with. */
export interface ClusterIdentity {
  /** PEM. */
  readonly ca: string;
  /** A token that lasts as long as the Secret. */
  issueLegacy(account: ServiceAccount, secret: Secret): Promise<string>;
}

/** Puts tokens into the Secrets that ask for one, and removes those whose account is gone. */
export function createTokenSecretController(identity: ClusterIdentity): Controller<Secret> {
  const { ca } = identity;
  return {
    name: "token-controller",
    user: "system:serviceaccount:kube-system:token-controller",
    kind: SecretKind,
    reads: [SecretKind, ServiceAccountKind],
    writes: [{ kind: SecretKind, part: "whole" }],
    wakes: [{
      kind: ServiceAccountKind,
      keys: ({ metadata }, _previous, reader) => reader.list(SecretKind, metadata.namespace ?? "")
        .filter((secret) => secret.type === tokenSecretType && secret.metadata.annotations?.[accountNameAnnotation] === metadata.name)
        .map((secret) => ({ namespace: metadata.namespace ?? "", name: secret.metadata.name })),
    }],
    async reconcile(ref, secret, { reader, writer, live }) {
      if (secret === undefined || secret.type !== tokenSecretType) return { kind: "done" };
      const accountRef = { namespace: ref.namespace, name: secret.metadata.annotations?.[accountNameAnnotation] ?? "" };
      let account = reader.get(ServiceAccountKind, accountRef);
      let decision = decideTokenSecret(secret, account, ca);
      if (decision.kind === "remove") {
        // A Secret may come a moment before its account is seen.
        account = await live.get(ServiceAccountKind, accountRef);
        decision = decideTokenSecret(secret, account, ca);
      }
      if (decision.kind === "remove") await writer.remove(SecretKind, ref, { preconditions: { uid: secret.metadata.uid ?? "" } });
      if (decision.kind === "fill" && account !== undefined) {
        const token = decision.needsToken ? await identity.issueLegacy(account, secret) : undefined;
        await writer.update(SecretKind, fillTokenSecret(secret, account, { token, ca }));
      }
      return { kind: "done" };
    },
  };
}
