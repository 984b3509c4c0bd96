import type { Controller, Index } from "../../control/controller.ts";
import type { APIService } from "../../model/generated/apiregistration-v1.ts";
import { APIServiceKind, CustomResourceDefinitionKind } from "../../model/kinds/api-extensions.ts";
import type { Kind } from "../../model/kind.ts";
import { EndpointSliceKind, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import { keyOf, refOf } from "../../model/object.ts";
import { apiServiceName, namesOfDefinition, versionsOfDefinition } from "../api-registration/decide.ts";
import { decideAvailability, withAvailability } from "./decide.ts";

/** A server that answered is asked again after this, as upstream's resync. */
const lookAgainMs = 30_000;

/** One that did not, after this: upstream begins with milliseconds and ends with half a minute. */
const tryAgainMs = 5_000;

/** A server is asked so often before it is taken for gone: one of several endpoints may be. */
const triesMax = 3;

/** Servers asked at once: one that does not answer delays so many others by some seconds at most. */
const concurrency = 8;

/** What it goes by beside objects. */
export interface ApiAvailabilityOptions {
  readonly kinds: readonly Kind[];
  /** Why the server of an APIService cannot be asked; undefined where it can. Bounded in time; never rejects. */
  readonly probe: (service: APIService) => Promise<string | undefined>;
  /** False while the daemon starts: nodes, and the pods on them, are not reached yet, and nobody is told that a server is gone. */
  readonly isReady: () => boolean;
}

/** APIServices by `NAMESPACE/NAME` of their Service. */
const byService: Index<APIService> = {
  name: "api-service-target", kind: APIServiceKind,
  values: ({ spec: { service } }) => (service === undefined ? [] : [keyOf({ namespace: service.namespace ?? "", name: service.name ?? "" })]),
};

const slicesByService: Index<EndpointSlice> = {
  name: "slices-of-api-service", kind: EndpointSliceKind,
  values: ({ metadata }) => (metadata.labels?.[serviceNameLabel] === undefined ? [] : [keyOf({ namespace: metadata.namespace ?? "", name: metadata.labels[serviceNameLabel] })]),
};

/** Says of every APIService whether its server can be asked. @see kubernetes kube-aggregator pkg/controllers/status */
export function createApiAvailabilityController({ kinds, probe, isReady }: ApiAvailabilityOptions): Controller<APIService> {
  const builtIn = new Set(kinds.map(({ group, version }) => apiServiceName({ group, version })));
  return {
    name: "api-availability",
    kind: APIServiceKind,
    reads: [APIServiceKind, ServiceKind, EndpointSliceKind, CustomResourceDefinitionKind],
    indexes: [byService, slicesByService],
    writes: [{ kind: APIServiceKind, part: "status" }],
    wakes: [
      { kind: CustomResourceDefinitionKind, keys: namesOfDefinition },
      { kind: ServiceKind, keys: (service, _previous, reader) => reader.indexed(byService, keyOf(refOf(service))).map(refOf) },
      { kind: EndpointSliceKind, keys: ({ metadata }, _previous, reader) => reader.indexed(byService, keyOf({ namespace: metadata.namespace ?? "", name: metadata.labels?.[serviceNameLabel] ?? "" })).map(refOf) },
    ],
    concurrency,
    async reconcile(ref, seen, { reader, writer, world, signal }) {
      if (seen === undefined) return { kind: "done" };
      const { service: target } = seen.spec;
      const facts = () => {
        const service = { namespace: target?.namespace ?? "", name: target?.name ?? "" };
        return {
          isLocal: builtIn.has(ref.name) || reader.list(CustomResourceDefinitionKind).flatMap(versionsOfDefinition).some((one) => apiServiceName(one) === ref.name),
          service: target === undefined ? undefined : reader.get(ServiceKind, service), slices: reader.indexed(slicesByService, keyOf(service)),
        };
      };
      let decision = decideAvailability(seen, facts());
      if (decision === "ask") {
        const failure = await ask(seen, probe);
        if (signal.aborted) return { kind: "done" };
        decision = decideAvailability(seen, { ...facts(), probed: failure === undefined ? {} : { failure } });
      }
      // Changed meanwhile: what was found out is of another one, and the change wakes this one anew.
      const current = reader.get(APIServiceKind, ref);
      if (decision === "ask" || current === undefined || current.spec !== seen.spec && JSON.stringify(current.spec) !== JSON.stringify(seen.spec)) return { kind: "done" };
      if (target !== undefined && !decision.isAvailable && !isReady()) return { kind: "wait", afterMs: tryAgainMs, reason: "the daemon starts" };
      const status = withAvailability(current.status, decision, world.clock.nowMs());
      if (status !== current.status) await writer.updateStatus(APIServiceKind, { ...current, status });
      return target === undefined ? { kind: "done" } : { kind: "wait", afterMs: decision.isAvailable ? lookAgainMs : tryAgainMs, reason: "its server is asked again" };
    },
  };
}

async function ask(service: APIService, probe: ApiAvailabilityOptions["probe"]): Promise<string | undefined> {
  let failure = await probe(service);
  for (let tries = 1; tries < triesMax && failure !== undefined && !isLate(failure); tries++) failure = await probe(service);
  return failure;
}

/** A server that took all its time is not asked at once again. */
function isLate(failure: string): boolean {
  return failure.endsWith("context deadline exceeded");
}
