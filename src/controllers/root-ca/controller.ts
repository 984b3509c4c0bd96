import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideRootCa, rootCaName } from "./decide.ts";

/** Sees that every namespace has the CA its pods check the API server with. @see kubernetes pkg/controller/certificates/rootcacertpublisher */
export function createRootCaController(ca: string): Controller<Namespace> {
  return {
    name: "root-ca-cert-publisher",
    user: "system:serviceaccount:kube-system:root-ca-cert-publisher",
    kind: NamespaceKind,
    reads: [NamespaceKind, ConfigMapKind],
    writes: [{ kind: ConfigMapKind, part: "whole" }],
    wakes: [{ kind: ConfigMapKind, keys: ({ metadata }) => (metadata.name === rootCaName ? [{ namespace: "", name: metadata.namespace ?? "" }] : []) }],
    async reconcile(ref, namespace, { reader, writer }) {
      if (namespace === undefined) return { kind: "done" };
      const existing = reader.get(ConfigMapKind, { namespace: ref.name, name: rootCaName });
      const wanted = decideRootCa(namespace, existing, ca);
      try {
        if (wanted !== undefined) await (existing === undefined ? writer.create(ConfigMapKind, wanted) : writer.update(ConfigMapKind, wanted));
      } catch (error) {
        if (!isApiError(error, "AlreadyExists")) throw error;
      }
      return { kind: "done" };
    },
  };
}
