/** What checks read of stored objects of any kind. */
export interface StoredObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly replicas?: number;
    readonly nodeName?: string;
    readonly application?: string;
    readonly revision?: string;
    readonly planGeneration?: number;
    readonly strategy?: { readonly rollingUpdate?: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string } };
    readonly template?: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
    readonly containers?: readonly { readonly image: string }[];
    readonly parallelism?: number;
    readonly completions?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly ports?: readonly { readonly port: number }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string; readonly lastTransitionTime?: string }[];
    readonly replicas?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly availableReplicas?: number;
    readonly updatedReplicas?: number;
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string; readonly message?: string };
    readonly inventory?: readonly { readonly kind: string; readonly name: string }[];
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

const decoder = new TextDecoder();

/** The object behind stored bytes. */
export function parseStored(value: Uint8Array): StoredObject {
  return JSON.parse(decoder.decode(value)) as StoredObject;
}

/** The pod or node says it is ready. */
export function isReady(object: StoredObject): boolean {
  return object.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
}

/** A pod that serves: ready, and not asked to go. */
export function isAvailable(pod: StoredObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && isReady(pod);
}
