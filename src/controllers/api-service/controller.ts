import type { Controller, ControllerContext } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import type { Endpoints } from "../../model/generated/core-v1.ts";
import type { Kind } from "../../model/kind.ts";
import { EndpointsKind } from "../../model/kinds/core-limits.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { NamespaceKind } from "../../model/kinds/namespace.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { Service } from "../../model/kinds/service.ts";
import { refOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { apiServiceRef, decideApiService } from "./decide.ts";
import type { ApiEndpoint } from "./decide.ts";

/** While nobody knows yet where the API listens, it is asked again after this. */
const lookAgainMs = 200;

/** What the controller goes by. */
export interface ApiServiceOptions {
  /** The Service's address: one the serving certificate is for. */
  readonly clusterIP: string;
  /** Where the API listens; undefined before it does. */
  readonly endpoint: () => ApiEndpoint | undefined;
}

/** Sees that `default/kubernetes` leads to the API. */
export function createApiServiceController({ clusterIP, endpoint }: ApiServiceOptions): Controller<Service> {
  const ifOurs = ({ metadata }: ApiObject): readonly ObjectRef[] => (metadata.name === apiServiceRef.name && metadata.namespace === apiServiceRef.namespace ? [apiServiceRef] : []);
  return {
    name: "kubernetes-service",
    kind: ServiceKind,
    reads: [ServiceKind, EndpointSliceKind, EndpointsKind, NamespaceKind],
    writes: [{ kind: ServiceKind, part: "existence" }, { kind: EndpointSliceKind, part: "existence" }, { kind: EndpointsKind, part: "existence" }],
    isWokenByItself: false,
    wakes: [
      { kind: NamespaceKind, keys: ({ metadata }) => (metadata.name === apiServiceRef.namespace ? [apiServiceRef] : []) },
      ...[ServiceKind, EndpointSliceKind, EndpointsKind].map((kind: Kind) => ({ kind, keys: ifOurs })),
    ],
    async reconcile(ref, service, context) {
      const at = endpoint();
      const home = context.reader.get(NamespaceKind, { namespace: "", name: ref.namespace });
      if (at === undefined) return { kind: "wait", afterMs: lookAgainMs, reason: "the API does not listen yet" };
      if (home === undefined || home.metadata.deletionTimestamp !== undefined) return { kind: "done" };
      const state = { service, slice: context.reader.get(EndpointSliceKind, ref), endpoints: context.reader.get(EndpointsKind, ref) };
      const plan = decideApiService(state, clusterIP, at);
      if (plan.service !== undefined) await makeService(plan.service, context);
      if (plan.slice !== undefined) await replace<EndpointSlice>(EndpointSliceKind, state.slice, plan.slice, context);
      if (plan.endpoints !== undefined) await replace<Endpoints>(EndpointsKind, state.endpoints, plan.endpoints, context);
      return { kind: "done" };
    },
  };
}

/** In a store from before, another Service may have the address: any other is better than none. */
async function makeService(service: Service, { writer, world }: ControllerContext): Promise<void> {
  try {
    await writer.create(ServiceKind, service);
  } catch (error) {
    if (!isApiError(error, "Invalid")) throw error;
    world.log.warn("the API's own Service cannot have its address; programs that check the certificate by it will refuse", { object: refOf(service), error });
    const { clusterIP: _taken, ...spec } = service.spec;
    await writer.create(ServiceKind, { ...service, spec });
  }
}

async function replace<T extends ApiObject>(kind: Kind<T>, old: T | undefined, wanted: T, { writer }: ControllerContext): Promise<void> {
  if (old !== undefined) await writer.remove(kind, refOf(old), { preconditions: { uid: old.metadata.uid ?? "" } });
  await writer.create(kind, wanted);
}
