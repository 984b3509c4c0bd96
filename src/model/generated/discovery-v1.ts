// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { ObjectReference } from "./core-v1.ts";
import type { ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface Endpoint {
  readonly addresses: readonly (string)[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly deprecatedTopology?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: EndpointHints;
}

export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface EndpointHints {
  readonly forZones?: readonly (ForZone)[];
  readonly forNodes?: readonly (ForNode)[];
}

export interface EndpointPort {
  readonly name?: string;
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  readonly port?: number;
  readonly appProtocol?: string;
}

export interface EndpointSlice extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints?: readonly (Endpoint)[];
  readonly ports?: readonly (EndpointPort)[];
}

export interface EndpointSliceList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (EndpointSlice)[];
}

export interface ForNode {
  readonly name: string;
}

export interface ForZone {
  readonly name: string;
}
