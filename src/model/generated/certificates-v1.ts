// Printed from schema/ by print-types.ts: run `npm run generate` after changing a schema.
import type { Condition, ListMeta, ObjectMeta, TypeMeta } from "./meta-v1.ts";

export interface CertificateSigningRequest extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: CertificateSigningRequestSpec;
  readonly status: CertificateSigningRequestStatus;
}

export interface CertificateSigningRequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

export interface CertificateSigningRequestList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (CertificateSigningRequest)[];
}

export interface CertificateSigningRequestSpec {
  readonly request: string;
  readonly signerName: string;
  readonly expirationSeconds?: number;
  readonly usages?: readonly (string)[];
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly (string)[];
  readonly extra?: Readonly<Record<string, ExtraValue>>;
}

export interface CertificateSigningRequestStatus {
  readonly conditions?: readonly (CertificateSigningRequestCondition)[];
  readonly certificate?: string;
}

export interface ClusterTrustBundle extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: ClusterTrustBundleSpec;
}

export interface ClusterTrustBundleList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (ClusterTrustBundle)[];
}

export interface ClusterTrustBundleSpec {
  readonly signerName?: string;
  readonly trustBundle: string;
}

export type ExtraValue = readonly (string)[];

export interface PodCertificateRequest extends TypeMeta {
  readonly metadata: ObjectMeta;
  readonly spec: PodCertificateRequestSpec;
  readonly status: PodCertificateRequestStatus;
}

export interface PodCertificateRequestList extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly (PodCertificateRequest)[];
}

export interface PodCertificateRequestSpec {
  readonly signerName: string;
  readonly podName: string;
  readonly podUID: string;
  readonly serviceAccountName: string;
  readonly serviceAccountUID: string;
  readonly nodeName: string;
  readonly nodeUID: string;
  readonly maxExpirationSeconds?: number;
  readonly stubPKCS10Request: string;
  readonly unverifiedUserAnnotations?: Readonly<Record<string, string>>;
}

export interface PodCertificateRequestStatus {
  readonly conditions?: readonly (Condition)[];
  readonly certificateChain?: string;
  readonly notBefore?: string;
  readonly beginRefreshAt?: string;
  readonly notAfter?: string;
}
