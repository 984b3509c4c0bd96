import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { APIServiceKind, CustomResourceDefinitionKind } from "../../model/kinds/api-extensions.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import type { ObjectRef } from "../../model/object.ts";
import { apiServiceName, decideRegistration, namesOfDefinition, registeredVersions, wantedApiService } from "./decide.ts";

/** The namespace whose being there says that the cluster begins. */
const systemNamespace = "kube-system";

/** Sees that every group and version served here has an APIService that says so. @see kubernetes kube-aggregator pkg/controllers/autoregister */
export function createApiRegistrationController(kinds: readonly Kind[]): Controller<APIService> {
  const builtIn = registeredVersions(kinds);
  const names = builtIn.map((version): ObjectRef => ({ namespace: "", name: apiServiceName(version) }));
  return {
    name: "api-registration",
    kind: APIServiceKind,
    reads: [APIServiceKind, CustomResourceDefinitionKind, NamespaceKind],
    writes: [{ kind: APIServiceKind, part: "whole" }],
    wakes: [
      { kind: NamespaceKind, keys: ({ metadata }) => (metadata.name === systemNamespace ? names : []) },
      { kind: CustomResourceDefinitionKind, keys: namesOfDefinition },
    ],
    async reconcile(ref, existing, { reader, writer }) {
      const decision = decideRegistration(existing, wantedApiService(ref.name, builtIn, reader.list(CustomResourceDefinitionKind)));
      try {
        if (decision.kind === "create") await writer.create(APIServiceKind, decision.object);
        if (decision.kind === "update") await writer.update(APIServiceKind, decision.object);
        if (decision.kind === "remove") await writer.remove(APIServiceKind, ref, { preconditions: { uid: decision.uid } });
      } catch (error) {
        // Somebody else was faster, which is told of as a change.
        if (!isApiError(error, "AlreadyExists", "Conflict", "NotFound")) throw error;
      }
      return { kind: "done" };
    },
  };
}
