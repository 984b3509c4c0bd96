import { isEqual } from "../../value/equal.ts";
import type { JsonObject } from "../../value/json.ts";
import { duplicate } from "../checks.ts";
import type { FieldError } from "../field-error.ts";
import type { Subresource } from "../subresource.ts";
import { containersOf, resizePart } from "./_pod-resize.ts";
import { proxyOf } from "./_proxy.ts";

/** What lies below a pod. */
export const podSubresources: readonly Subresource[] = [
  connection("attach", ["create", "get"], "PodAttachOptions"),
  { type: "action", name: "binding", verbs: ["create"], speaks: { group: "", version: "v1", kind: "Binding" } },
  { type: "part", name: "ephemeralcontainers", verbs: ["get", "patch", "update"], fields: ["spec.ephemeralContainers"], check: checkEphemeralContainers },
  { type: "action", name: "eviction", verbs: ["create"], speaks: { group: "policy", version: "v1", kind: "Eviction" } },
  connection("exec", ["create", "get"], "PodExecOptions"),
  { type: "connection", name: "log", verbs: ["get"] },
  connection("portforward", ["create", "get"], "PodPortForwardOptions"),
  proxyOf("PodProxyOptions"),
  resizePart,
];

function connection(name: string, verbs: readonly string[], kind: string): Subresource {
  return { type: "connection", name, verbs, speaks: { group: "", version: "v1", kind } };
}

/** Containers for debugging are added, and never changed or taken away. @see kubernetes pkg/apis/core/validation ValidatePodEphemeralContainersUpdate */
function checkEphemeralContainers(pod: JsonObject, old: JsonObject): readonly FieldError[] {
  const path = "spec.ephemeralContainers";
  const now = containersOf(pod, path);
  const names = new Set([...containersOf(pod, "spec.containers"), ...containersOf(pod, "spec.initContainers")].map((container) => container["name"]));
  return [
    ...containersOf(old, path).flatMap((before): readonly FieldError[] => {
      const after = now.find((container) => container["name"] === before["name"]);
      if (after === undefined) return [{ type: "Forbidden", path, detail: `existing ephemeral containers ${JSON.stringify(before["name"])} may not be removed` }];
      return isEqual(withResources(after), withResources(before)) ? [] : [{ type: "Forbidden", path, detail: `existing ephemeral containers ${JSON.stringify(before["name"])} may not be changed` }];
    }),
    ...now.flatMap(({ name, targetContainerName }, index): readonly FieldError[] => [
      ...(names.has(name) || now.findIndex((other) => other["name"] === name) < index ? [duplicate(`${path}[${index}].name`, name)] : []),
      ...(targetContainerName === undefined || names.has(targetContainerName) ? [] : [{ type: "NotFound", path: `${path}[${index}].targetContainerName`, value: targetContainerName, detail: "" } as const]),
    ]),
  ];
}

/** Go's clients send `resources: {}` in JSON where there were none: it is the same. */
function withResources(container: JsonObject): JsonObject {
  return { ...container, resources: container["resources"] ?? {} };
}
