import type { Controller } from "./control/controller.ts";
import { hasOwnObjects } from "./model/kind.ts";
import type { Kind } from "./model/kind.ts";
import { kinds as allKinds } from "./model/kinds.ts";
import { EventKind } from "./model/kinds/event.ts";
import { admissionPolicyController } from "./controllers/admission-policy/controller.ts";
import { createApiAvailabilityController } from "./controllers/api-availability/controller.ts";
import type { ApiAvailabilityOptions } from "./controllers/api-availability/controller.ts";
import { createApiRegistrationController } from "./controllers/api-registration/controller.ts";
import { createApiServiceController } from "./controllers/api-service/controller.ts";
import type { ApiServiceOptions } from "./controllers/api-service/controller.ts";
import { createCertificateSigningController } from "./controllers/certificate-signing/controller.ts";
import type { SignRequest } from "./controllers/certificate-signing/controller.ts";
import { clusterRoleAggregationController } from "./controllers/cluster-role-aggregation/controller.ts";
import { cronJobController } from "./controllers/cron-job/controller.ts";
import { customResourceDefinitionController } from "./controllers/custom-resource-definition/controller.ts";
import { deploymentController } from "./controllers/deployment/controller.ts";
import { disruptionController } from "./controllers/disruption/controller.ts";
import { endpointSliceController } from "./controllers/endpoint-slice/controller.ts";
import { endpointSliceMirroringController } from "./controllers/endpoint-slice-mirroring/controller.ts";
import { endpointsController } from "./controllers/endpoints/controller.ts";
import { eventExpiryController } from "./controllers/event-expiry/controller.ts";
import { flowSchemaController } from "./controllers/flow-schema/controller.ts";
import { garbageCollector } from "./controllers/garbage-collector/controller.ts";
import { createJobController } from "./controllers/job/controller.ts";
import { jobPodReleaseController } from "./controllers/job/release-controller.ts";
import { ipAddressController } from "./controllers/ip-address/controller.ts";
import type { EmptyElsewhere } from "./controllers/namespace/controller.ts";
import { namespaceController } from "./controllers/namespace/controller.ts";
import { createNodeLifeController } from "./controllers/node-life/controller.ts";
import { createPodGarbageCollector } from "./controllers/pod-gc/controller.ts";
import { replicaSetController, replicationController } from "./controllers/replicas/controller.ts";
import { resourceQuotaController } from "./controllers/resource-quota/controller.ts";
import { createRootCaController } from "./controllers/root-ca/controller.ts";
import { serviceAccountController } from "./controllers/service-account/controller.ts";
import { serviceBlockController } from "./controllers/service-block/controller.ts";
import { systemNamespacesController } from "./controllers/system-namespaces/controller.ts";
import { tokenCleanerController } from "./controllers/token-cleaner/controller.ts";
import { createTokenSecretController } from "./controllers/token-secret/controller.ts";
import type { ClusterIdentity } from "./controllers/token-secret/controller.ts";
import { ttlAfterFinishedController } from "./controllers/ttl-after-finished/controller.ts";

/** What controllers go by that a cluster may do without. */
export interface ControllerParts extends ClusterIdentity {
  readonly api?: ApiServiceOptions;
  readonly sign?: SignRequest;
  /** Asks the servers of aggregated APIs; absent: there are none, and no APIServices are made. */
  readonly aggregation?: Omit<ApiAvailabilityOptions, "kinds"> & { readonly requestHeader: Readonly<Record<string, string>>; readonly emptyElsewhere: EmptyElsewhere };
}

/** Every controller but the scheduler, anew for one daemon: some remember what they have seen. Adding one = a folder, a line here. */
export function createControllers(kinds: readonly Kind[] = allKinds, identity?: ControllerParts): readonly Controller[] {
  const stored = kinds.filter(hasOwnObjects);
  return [
    deploymentController,
    replicaSetController,
    replicationController,
    createJobController(),
    jobPodReleaseController,
    cronJobController,
    ttlAfterFinishedController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    disruptionController,
    // Events own nothing and are owned by nobody.
    garbageCollector(stored.filter((kind) => kind !== EventKind), kinds.filter((kind) => kind.storedAs !== undefined)),
    namespaceController(stored, identity?.aggregation?.emptyElsewhere),
    customResourceDefinitionController(kinds),
    createNodeLifeController(),
    createPodGarbageCollector(),
    eventExpiryController,
    flowSchemaController,
    admissionPolicyController(kinds),
    ipAddressController,
    serviceBlockController,
    resourceQuotaController(stored),
    serviceAccountController,
    systemNamespacesController,
    tokenCleanerController,
    clusterRoleAggregationController,
    ...(identity === undefined ? [] : [createRootCaController({ ca: identity.ca, ...(identity.aggregation === undefined ? {} : { requestHeader: identity.aggregation.requestHeader }) }), createTokenSecretController(identity)]),
    ...(identity?.api === undefined ? [] : [createApiServiceController(identity.api)]),
    ...(identity?.aggregation === undefined ? [] : [createApiRegistrationController(kinds), createApiAvailabilityController({ kinds, ...identity.aggregation })]),
    ...(identity?.sign === undefined ? [] : [createCertificateSigningController(identity.sign)]),
  ];
}
