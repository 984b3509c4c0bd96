import type { Container, PodSpec, ServiceAccount, Volume } from "../../model/generated/core-v1.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import type { Pod } from "../../model/kinds/pod.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import { fnv1a32, safeEncode } from "../../value/digest.ts";
import type { Admission, AdmissionRequest } from "../admission-plugin.ts";
import { forbidden } from "../errors.ts";
import { isOfKind } from "../shape.ts";

/** The account of a pod that names none. */
const defaultAccount = "default";

/** What the name of the token's volume begins with, as upstream. */
const tokenVolumePrefix = "kube-api-access-";

/** Letters behind it. */
const tokenSuffixLength = 5;

/** Where a pod finds its token. */
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A pod's token lives this long and is renewed before; odd, so that it is known for one of these, as upstream. */
const tokenLifetimeSeconds = 3_607;

/**
 * Every pod runs under a service account, named in the new field and in the old one. Where accounts have tokens, the account must exist, and its
 * token is mounted unless the pod or the account says otherwise.
 *
 * @see kubernetes plugin/pkg/admission/serviceaccount
 */
export const serviceAccount: Admission = {
  name: "ServiceAccount",
  handles: ({ operation, kind, subresource }) => operation === "create" && kind.group === "" && kind.kind === "Pod" && subresource === undefined,
  admit(object, request) {
    if (!isOfKind(PodKind, object)) return object;
    const name = object.spec.serviceAccountName || object.spec.serviceAccount || defaultAccount;
    const pod: Pod = { ...object, spec: { ...object.spec, serviceAccountName: name, serviceAccount: name } };
    return request.hasAccountTokens ? withAccount(pod, demandAccount(name, request)) : pod;
  },
};

function demandAccount(name: string, { kind, ref, reader }: AdmissionRequest): ServiceAccount {
  const account = reader.get(ServiceAccountKind, { namespace: ref.namespace, name });
  if (account === undefined) throw forbidden(kind, ref.name, `error looking up service account ${ref.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`);
  return account;
}

function withAccount(pod: Pod, account: ServiceAccount): Pod {
  const { imagePullSecrets = [] } = pod.spec;
  const pulls = imagePullSecrets.length > 0 || account.imagePullSecrets === undefined ? {} : { imagePullSecrets: account.imagePullSecrets };
  const spec: PodSpec = { ...pod.spec, ...pulls };
  const isMounted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return { ...pod, spec: isMounted ? withToken(spec, account) : spec };
}

/** By account: what it is made of takes as long as the rest of a pod's admission. */
const tokenVolumeNames = new WeakMap<ServiceAccount, string>();

/** The same for all pods of an account, so that pods of one template are alike in it; upstream draws it. */
function tokenVolumeName(account: ServiceAccount): string {
  let name = tokenVolumeNames.get(account);
  if (name === undefined) {
    name = `${tokenVolumePrefix}${safeEncode(String(fnv1a32(`${account.metadata.uid ?? ""}/0`)).padStart(tokenSuffixLength, "0")).slice(-tokenSuffixLength)}`;
    tokenVolumeNames.set(account, name);
  }
  return name;
}

/** The spec with a token in every container that does not mount something else there. */
function withToken(spec: PodSpec, account: ServiceAccount): PodSpec {
  // One that is there serves the containers that came later, from a policy or a webhook.
  const known = spec.volumes?.find(({ name }) => name.startsWith(tokenVolumePrefix))?.name;
  const volumeName = known ?? tokenVolumeName(account);
  const isOwn = ({ volumeMounts = [] }: Container) => volumeMounts.some(({ mountPath }) => mountPath === tokenPath);
  const mount = <T extends Container>(container: T): T => (isOwn(container) ? container : {
    ...container, volumeMounts: [...container.volumeMounts ?? [], { name: volumeName, mountPath: tokenPath, readOnly: true }],
  });
  if ([...spec.initContainers ?? [], ...spec.containers].every(isOwn)) return spec;
  return {
    ...spec, ...(known === undefined ? { volumes: [...spec.volumes ?? [], tokenVolume(volumeName)] } : {}), containers: spec.containers.map(mount),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(mount) }),
  };
}

function tokenVolume(name: string): Volume {
  return { name, projected: { defaultMode: 0o644, sources: [
    { serviceAccountToken: { path: "token", expirationSeconds: tokenLifetimeSeconds } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
  ] } };
}
