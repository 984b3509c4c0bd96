import type { JsonObject } from "../../../src/value/json.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const texts = { type: "array", items: text };
const pair = { type: "object", properties: { one: text, two: text } };

const spec: JsonObject = {
  type: "object",
  properties: {
    text, size: whole, defaulted: { ...text, default: "d" }, nullable: { ...text, nullable: true }, share: { "x-kubernetes-int-or-string": true },
    map: { type: "object", additionalProperties: text },
    atomicMap: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
    struct: pair,
    atomicStruct: { ...pair, "x-kubernetes-map-type": "atomic" },
    structs: { type: "object", additionalProperties: pair },
    set: { ...texts, "x-kubernetes-list-type": "set" },
    numbers: { type: "array", items: whole, "x-kubernetes-list-type": "set" },
    atomicList: { ...texts, "x-kubernetes-list-type": "atomic" },
    list: texts,
    items: {
      type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object", required: ["name"], properties: { name: text, value: text, more: pair, tags: { ...texts, "x-kubernetes-list-type": "set" }, filled: { ...text, default: "f" } } },
    },
    ports: {
      type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
      items: { type: "object", required: ["port"], properties: { port: whole, protocol: { ...text, default: "TCP" }, name: text } },
    },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

const status: JsonObject = {
  type: "object",
  properties: {
    phase: text, size: whole,
    conditions: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"], items: { type: "object", required: ["type"], properties: { type: text, status: text } } },
  },
};

const version = (name: string): JsonObject => ({
  name, served: true, storage: name === "v1", schema: { openAPIV3Schema: { type: "object", properties: { spec, status } } },
  subresources: { status: {}, scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" } },
});

/** A definition whose objects have every form of field that server-side apply tells apart, served in two versions. */
export const widgets: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.x.example.com" },
  spec: { group: "x.example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [version("v1"), version("v2")] },
  status: {},
};
