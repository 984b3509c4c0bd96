import type { Container, Pod, ResourceFieldSelector } from "../model/generated/core-v1.ts";
import { parseQuantity } from "../value/quantity.ts";
import { RuntimeProblem } from "./runtimes/runtime.ts";

/** Facts of the node that downward fields may ask for. */
export interface NodeFacts {
  readonly nodeName: string;
  readonly hostIP: string;
  /** As in allocatable: what a limit means where a container sets none. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/**
 * The value of a downward `fieldRef`. Throws RuntimeProblem for a path nobody can answer.
 *
 * @see kubernetes pkg/fieldpath/fieldpath.go, pkg/kubelet/kubelet_pods.go podFieldSelectorRuntimeValue
 */
export function podField(pod: Pod, fieldPath: string, { podIP, node }: { readonly podIP: string; readonly node: NodeFacts }): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/u.exec(fieldPath);
  if (keyed !== null) return pod.metadata[keyed[1] === "labels" ? "labels" : "annotations"]?.[keyed[2] ?? ""] ?? "";
  switch (fieldPath) {
    case "metadata.name": return pod.metadata.name;
    case "metadata.namespace": return pod.metadata.namespace ?? "";
    case "metadata.uid": return pod.metadata.uid ?? "";
    case "metadata.labels": return printMap(pod.metadata.labels);
    case "metadata.annotations": return printMap(pod.metadata.annotations);
    case "spec.nodeName": return node.nodeName;
    case "spec.serviceAccountName": return pod.spec.serviceAccountName ?? "default";
    case "status.podIP": case "status.podIPs": return podIP;
    case "status.hostIP": case "status.hostIPs": return node.hostIP;
    default: throw new RuntimeProblem("CreateContainerConfigError", `field path "${fieldPath}" is not supported; use metadata.*, spec.nodeName, spec.serviceAccountName, status.podIP or status.hostIP`);
  }
}

/** Labels or annotations as a downward file has them: `key="value"` lines by key. */
function printMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join("\n");
}

/** The value of a downward `resourceFieldRef`: a whole number of `divisor`, rounded up. */
export function resourceField(pod: Pod, container: Container, { selector, node }: { readonly selector: ResourceFieldSelector; readonly node: NodeFacts }): string {
  const holder = selector.containerName === undefined || selector.containerName === "" ? container
    : [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((other) => other.name === selector.containerName);
  const match = /^(limits|requests)\.(.+)$/u.exec(selector.resource);
  const [, part, name = ""] = match ?? [];
  if (holder === undefined || part === undefined) throw new RuntimeProblem("CreateContainerConfigError", `resource field "${selector.resource}" of container "${selector.containerName ?? container.name}" does not exist`);
  const limit = holder.resources?.limits?.[name];
  const text = part === "limits" ? limit ?? node.allocatable[name] ?? "0" : holder.resources?.requests?.[name] ?? limit ?? "0";
  return divide(text, selector.divisor === undefined || selector.divisor === "0" || selector.divisor === "" ? "1" : selector.divisor);
}

/** Quantities are exact to a nano, so dividing nanos and rounding up is what upstream does. */
function divide(text: string, divisor: string): string {
  const [amount, unit] = [parseQuantity(text).nanos, parseQuantity(divisor).nanos];
  return String((amount + unit - 1n) / unit);
}
