import { checkQualifiedName } from "../value/names.ts";

const ofContainers: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Names without a domain that mean something somewhere: in containers, quotas, claims. */
const standard: ReadonlySet<string> = new Set([
  ...ofContainers, "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas",
  "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers",
]);

const hugePages = "hugepages-";

/** Names of Kubernetes' own: without a domain, or of its own domain. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** Pages of one size, `hugepages-2Mi`. */
export function isHugePages(name: string): boolean {
  return name.startsWith(hugePages);
}

/** A resource of somebody's device, `example.com/gpu`: whole numbers, and never promised twice. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith("requests.") && checkQualifiedName(`requests.${name}`).length === 0;
}

/** True where a request may stay below its limit. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/**
 * What is wrong with the name of a container's resource.
 * @see kubernetes pkg/apis/core/validation/validation.go validateContainerResourceName
 */
export function checkContainerResourceName(name: string): readonly string[] {
  const problems = checkQualifiedName(name);
  if (name.includes("/")) return isNativeResource(name) || isExtendedResource(name) ? problems : [...problems, "doesn't follow extended resource name standard"];
  if (ofContainers.has(name) || isHugePages(name)) return problems;
  const isKnown = problems.length > 0 || standard.has(name);
  return [...problems, ...(isKnown ? [] : ["must be a standard resource type or fully qualified"]), "must be a standard resource for containers"];
}
