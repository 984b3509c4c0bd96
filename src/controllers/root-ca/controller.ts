import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { Namespace } from "../../model/kinds/namespace.ts";
import { decideRootCa, publishedNames } from "./decide.ts";
import type { Published } from "./decide.ts";

/** Sees that every namespace has the CA its pods check the API server with, and kube-system what servers beside this one check clients with. @see kubernetes pkg/controller/certificates/rootcacertpublisher */
export function createRootCaController(published: Published): Controller<Namespace> {
  return {
    name: "root-ca-cert-publisher",
    user: "system:serviceaccount:kube-system:root-ca-cert-publisher",
    kind: NamespaceKind,
    reads: [NamespaceKind, ConfigMapKind],
    writes: [{ kind: ConfigMapKind, part: "whole" }],
    wakes: [{ kind: ConfigMapKind, keys: ({ metadata }) => (publishedNames.has(metadata.name) ? [{ namespace: "", name: metadata.namespace ?? "" }] : []) }],
    async reconcile(ref, namespace, { reader, writer }) {
      if (namespace === undefined) return { kind: "done" };
      for (const wanted of decideRootCa(namespace, (name) => reader.get(ConfigMapKind, { namespace: ref.name, name }), published)) {
        try {
          await (wanted.metadata.uid === undefined ? writer.create(ConfigMapKind, wanted) : writer.update(ConfigMapKind, wanted));
        } catch (error) {
          if (!isApiError(error, "AlreadyExists")) throw error;
        }
      }
      return { kind: "done" };
    },
  };
}
