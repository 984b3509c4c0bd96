import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../value/json.ts";
import { checkTypes } from "./check-types.ts";
import { findKind } from "./kinds.ts";

const table: readonly { readonly kind: string; readonly body: Readonly<Record<string, Json>>; readonly says: string }[] = [
  { kind: "v1 ConfigMap", body: { data: { a: 1 } }, says: "json: cannot unmarshal number into Go struct field ConfigMap.data of type string" },
  { kind: "v1 ConfigMap", body: { data: "a" }, says: "json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string" },
  { kind: "v1 ConfigMap", body: { metadata: { labels: { a: true } } }, says: "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string" },
  { kind: "v1 ConfigMap", body: { metadata: [] }, says: "json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta" },
  { kind: "apps/v1 Deployment", body: { spec: { replicas: "3" } }, says: "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32" },
  { kind: "apps/v1 Deployment", body: { spec: { replicas: 1.5 } }, says: "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32" },
  { kind: "apps/v1 Deployment", body: { spec: { template: { spec: { containers: [{ name: "a" }, { env: [{ name: "A", value: 1 }] }] } } } }, says: "json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string" },
  { kind: "apps/v1 Deployment", body: { spec: { template: { spec: { containers: { name: "a" } } } } }, says: "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container" },
  { kind: "v1 Pod", body: { spec: { containers: [{ resources: { limits: { cpu: "lots" } } }] } }, says: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
  { kind: "v1 Pod", body: { spec: { containers: [{ livenessProbe: { httpGet: { port: true } } }] } }, says: "json: cannot unmarshal bool into Go value of type int32" },
  { kind: "v1 Secret", body: { data: { key: "not base64" } }, says: "illegal base64 data at input byte 3" },
  { kind: "v1 Secret", body: { stringData: { key: 5 } }, says: "json: cannot unmarshal number into Go struct field Secret.stringData of type string" },
  { kind: "batch/v1 Job", body: { status: { startTime: "now" } }, says: 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"' },
];

for (const { kind, body, says } of table) {
  test(`${kind} ${JSON.stringify(body)} is refused as Go refuses it`, () => {
    const [apiVersion = "", name = ""] = kind.split(" ");
    const found = findKind(apiVersion, name);
    assert.ok(found !== undefined);
    assert.deepEqual(checkTypes(found, body).map(({ decoding }) => decoding), [says]);
  });
}
