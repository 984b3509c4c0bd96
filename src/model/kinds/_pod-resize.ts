import { isEqual } from "../../value/equal.ts";
import { readField, withField } from "../../value/field-path.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import type { FieldError } from "../field-error.ts";
import { qosClassOf } from "../pods.ts";
import type { PodSpec } from "../generated/core-v1.ts";
import type { Part } from "../subresource.ts";

const lists = ["spec.containers", "spec.initContainers"] as const;

/** `pods/resize`: what the containers of a pod that runs may use. @see kubernetes pkg/registry/core/pod/strategy.go dropNonResizeUpdates */
export const resizePart: Part = { type: "part", name: "resize", verbs: ["get", "patch", "update"], fields: lists, merge: mergeResize, check: checkResize };

/** The pod as it was, with the resources of the containers sent, by their names. */
function mergeResize(old: JsonObject, sent: JsonObject): JsonObject {
  return lists.reduce<JsonObject>((pod, path) => {
    const before = containersOf(old, path);
    if (before.length === 0) return pod;
    const after = containersOf(sent, path);
    const resized = before.map((container) => {
      const asked = after.find(({ name }) => name === container["name"]);
      if (asked === undefined) return container;
      const { resources: _resources, resizePolicy: _policy, ...rest } = container;
      const { resources, resizePolicy } = asked;
      return { ...rest, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) };
    });
    const written = withField(pod, path, resized);
    return isJsonObject(written) ? written : pod;
  }, old);
}

/** Amounts that may change while a container runs. */
const mutableResources: ReadonlySet<string> = new Set(["cpu", "memory"]);

/** @see kubernetes pkg/apis/core/validation/validation.go ValidatePodResize */
function checkResize(pod: JsonObject, old: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const path of lists) {
    containersOf(old, path).forEach((before, index) => {
      const after = containersOf(pod, path)[index] ?? {};
      const at = `${path}[${index}].resources`;
      const names = new Set([...amountNames(before), ...amountNames(after)]);
      const fixed = [...names].filter((name) => !mutableResources.has(name.split(".")[1] ?? ""));
      if (fixed.some((name) => !isEqual(amountOf(before, name), amountOf(after, name)))) errors.push({ type: "Forbidden", path: at, detail: "only cpu and memory resources are mutable" });
      for (const kind of ["limits", "requests"]) {
        if (amountNames(before).some((name) => name.startsWith(kind) && amountOf(after, name) === undefined)) errors.push({ type: "Forbidden", path: `${at}.${kind}`, detail: `resource ${kind} cannot be removed` });
      }
    });
  }
  const [now, then] = [classOf(pod), classOf(old)];
  return now === then ? errors : [...errors, { type: "Invalid", path: "spec", value: now, detail: "Pod QOS Class may not change as a result of resizing" }];
}

/** `limits.cpu` and the like. */
function amountNames(container: JsonObject): readonly string[] {
  return ["limits", "requests"].flatMap((kind) => {
    const amounts = readField(container, `resources.${kind}`);
    return isJsonObject(amounts) ? Object.keys(amounts).map((name) => `${kind}.${name}`) : [];
  });
}

function amountOf(container: JsonObject, name: string): unknown {
  const [kind = "", ...resource] = name.split(".");
  const amounts = readField(container, `resources.${kind}`);
  return isJsonObject(amounts) ? amounts[resource.join(".")] : undefined;
}

function classOf(pod: JsonObject): string {
  return qosClassOf({ ...(pod["spec"] as unknown as PodSpec), containers: containersOf(pod, "spec.containers") as unknown as PodSpec["containers"] });
}

/** Containers of a pod as it was sent. */
export function containersOf(pod: JsonObject, path: string): readonly JsonObject[] {
  const containers = readField(pod, path);
  return Array.isArray(containers) ? containers.filter(isJsonObject) : [];
}
