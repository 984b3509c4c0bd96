import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import { decideAccount, defaultAccountName } from "./decide.ts";

/** Sees that every namespace has its default ServiceAccount. */
export const serviceAccountController: Controller<Namespace> = {
  name: "service-account-controller",
  user: "system:serviceaccount:kube-system:service-account-controller",
  kind: NamespaceKind,
  reads: [NamespaceKind],
  readsMetadata: [ServiceAccountKind],
  writes: [{ kind: ServiceAccountKind, part: "existence" }],
  wakes: [{ kind: ServiceAccountKind, keys: (account) => (account.metadata.name === defaultAccountName ? [{ namespace: "", name: account.metadata.namespace ?? "" }] : []) }],
  async reconcile(ref, namespace, { reader, writer }) {
    if (namespace === undefined) return { kind: "done" };
    const account = decideAccount(namespace, reader.get(ServiceAccountKind, { namespace: ref.name, name: defaultAccountName }) !== undefined);
    if (account === undefined) return { kind: "done" };
    try {
      await writer.create(ServiceAccountKind, account);
    } catch (error) {
      if (!isApiError(error, "AlreadyExists")) throw error;
    }
    return { kind: "done" };
  },
};
