import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepFreeze } from "../value/freeze.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { parseQuantity, printQuantity } from "../value/quantity.ts";
import { canonicalBody } from "./canonical-body.ts";
import { isCanonicalScalar } from "./canonical-scalars.ts";
import { ApplicationKind } from "./kinds/application.ts";
import { ConfigMapKind } from "./kinds/config-map.ts";
import { CustomResourceDefinitionKind } from "./kinds/api-extensions.ts";
import { EventKind } from "./kinds/event.ts";
import { PodKind } from "./kinds/pod.ts";
import { decodeMessage } from "./protobuf.ts";
import { encodeMessage } from "./protobuf-encode.ts";

const withMemory = (memory: Json): JsonObject => ({ spec: { containers: [{ name: "a", resources: { limits: { memory, cpu: "1" } } }] } });
const createdAt = (creationTimestamp: Json): JsonObject => ({ metadata: { creationTimestamp } });

const pods: readonly (readonly [title: string, object: JsonObject, expected: JsonObject])[] = [
  ["a time with a fraction", createdAt("2026-01-02T03:04:05.678Z"), createdAt("2026-01-02T03:04:05Z")],
  ["a time of another zone", createdAt("2026-01-02T03:04:05+02:00"), createdAt("2026-01-02T01:04:05Z")],
  ["a time that is none", createdAt("yesterday"), createdAt("yesterday")],
  ["no time", createdAt(null), createdAt(null)],
  ["a part of a unit", withMemory("0.5"), withMemory("500m")],
  ["a thousand parts", withMemory("1000m"), withMemory("1")],
  ["a thousand units", withMemory("2000"), withMemory("2k")],
  ["binary units", withMemory("1024Mi"), withMemory("1Gi")],
  ["a part of a binary unit", withMemory("0.5Gi"), withMemory("512Mi")],
  ["a number", withMemory(2), withMemory("2")],
  ["a quantity that is none", withMemory("much"), withMemory("much")],
];

for (const [title, object, expected] of pods) {
  test(`it is written as upstream prints it: ${title}`, () => assert.deepEqual(canonicalBody(PodKind, deepFreeze(object)), expected));
}

const empties: JsonObject = {
  metadata: { name: "a", labels: {}, annotations: {}, finalizers: [], ownerReferences: [] },
  spec: {
    nodeName: "", hostNetwork: false, nodeSelector: {}, tolerations: [], affinity: {}, securityContext: {}, priority: 0, automountServiceAccountToken: false,
    containers: [{ name: "", env: [], command: [], args: [""], resources: { limits: {} }, ports: [{ containerPort: 0, hostPort: 0, name: "" }], volumeMounts: [{ name: "v", mountPath: "", readOnly: false }] }],
  },
};

test("what is empty goes where upstream's types cannot tell it from nothing, and stays where they can", () => {
  assert.deepEqual(canonicalBody(PodKind, deepFreeze(empties)), {
    metadata: { name: "a" },
    spec: {
      affinity: {}, securityContext: {}, priority: 0, automountServiceAccountToken: false,
      containers: [{ name: "", args: [""], resources: {}, ports: [{ containerPort: 0 }], volumeMounts: [{ name: "v", mountPath: "" }] }],
    },
  });
  assert.deepEqual(canonicalBody(ConfigMapKind, { data: {}, binaryData: { a: "" }, immutable: false }), { binaryData: { a: "" }, immutable: false });
  const spec = { names: { plural: "", kind: "" }, versions: [{ name: "v1", served: false, schema: { openAPIV3Schema: { type: "", required: [], properties: { a: { type: "object", properties: {}, items: { title: "" }, default: {} } } } } }] };
  assert.deepEqual(canonicalBody(CustomResourceDefinitionKind, { spec }), {
    spec: { ...spec, versions: [{ name: "v1", served: false, schema: { openAPIV3Schema: { properties: { a: { type: "object", items: {}, default: {} } } } } }] },
  });
  const ours = { spec: { source: { repoURL: "" }, syncPolicy: { automated: { prune: false } } } };
  assert.equal(canonicalBody(ApplicationKind, ours), ours);
});

test("an object keeps what protobuf brings of it", () => {
  const pod = canonicalBody(PodKind, empties);
  assert.deepEqual(canonicalBody(PodKind, decodeMessage("core/v1.Pod", encodeMessage("core/v1.Pod", pod))), decodeMessage("core/v1.Pod", encodeMessage("core/v1.Pod", empties)));
});

test("what is canonical already is answered as it is", () => {
  const object = deepFreeze<JsonObject>({ ...createdAt("2026-01-02T03:04:05Z"), ...withMemory("64Mi") });
  assert.equal(canonicalBody(PodKind, object), object);
});

test("times of microseconds have six digits", () => {
  assert.deepEqual(canonicalBody(EventKind, { eventTime: "2026-01-02T03:04:05.1Z" }), { eventTime: "2026-01-02T03:04:05.100000Z" });
  assert.deepEqual(canonicalBody(EventKind, { eventTime: "2026-01-02T03:04:05.123456789Z" }), { eventTime: "2026-01-02T03:04:05.123456Z" });
});

test("what is canonical at a glance is canonical", () => {
  fc.assert(fc.property(fc.constantFrom("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3"), fc.bigInt({ min: 0n, max: 10n ** 16n }), (suffix, amount) => {
    for (const text of [`${amount}${suffix}`, `${amount % 2000n}${suffix}`]) if (isCanonicalScalar("quantity", text)) assert.equal(printQuantity(parseQuantity(text)), text);
  }), { numRuns: 2_000 });
});
