import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";

/** An image that may change under its name is pulled always. */
export function defaultContainer(container: JsonObject): JsonObject {
  if (isSet(container.imagePullPolicy)) return container;
  return { ...container, imagePullPolicy: pullPolicyOf(container.image) };
}

/** An image volume is pulled as a container of the same image would be. */
export function defaultImageVolume(source: JsonObject): JsonObject {
  if (isSet(source.pullPolicy)) return source;
  return { ...source, pullPolicy: pullPolicyOf(source.reference) };
}

/** A volume without source is an emptyDir. */
export function defaultVolume(volume: JsonObject): JsonObject {
  return Object.keys(volume).some((key) => key !== "name") ? volume : { ...volume, emptyDir: {} };
}

/** A pod's requests follow its limits, and its host ports follow its ports on the host's network. Templates keep what they say. */
export function defaultPod(pod: JsonObject): JsonObject {
  const spec = pod.spec;
  if (!isJsonObject(spec)) return pod;
  const fill = (containers: Json | undefined): Json | undefined => (Array.isArray(containers)
    ? containers.map((container: Json) => (isJsonObject(container) ? withPodDefaults(container, spec.hostNetwork === true) : container)) : containers);
  const filled: Record<string, Json | undefined> = { ...spec };
  for (const list of ["containers", "initContainers"]) if (spec[list] !== undefined) filled[list] = fill(spec[list]);
  return { ...pod, spec: filled };
}

function withPodDefaults(container: JsonObject, isHostNetwork: boolean): JsonObject {
  let filled = container;
  const resources = container.resources;
  if (isJsonObject(resources) && isJsonObject(resources.limits)) {
    const requests = isJsonObject(resources.requests) ? resources.requests : {};
    filled = { ...filled, resources: { ...resources, requests: { ...resources.limits, ...requests } } };
  }
  if (isHostNetwork && Array.isArray(container.ports)) {
    filled = { ...filled, ports: container.ports.map((port: Json) => (isJsonObject(port) && !isSet(port.hostPort) && port.containerPort !== undefined ? { ...port, hostPort: port.containerPort } : port)) };
  }
  return filled;
}

/** How an image is pulled where nothing is said of it. */
export function pullPolicyOf(image: Json | undefined): string {
  const name = typeof image === "string" ? image : "";
  if (name.includes("@")) return "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== "" && value !== 0;
}
