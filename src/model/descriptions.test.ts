import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { describeField, describeMessage } from "./descriptions.ts";
import { kinds } from "./kinds.ts";
import { fieldsOf, findMessage, isInline, schemaPackages } from "./schema.ts";

const folder = new URL("./descriptions/", import.meta.url);
type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const files = readdirSync(folder).map((file) => ({ file, texts: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Texts }));

/** The fields a message declares itself and those it inlines, by who declares them. */
function declared(message: string): readonly (readonly [string, string])[] {
  return Object.entries(findMessage(message)?.fields ?? {}).flatMap(([key, field]) => (isInline(field) ? declared(field.inline) : [[message, key] as const]));
}

test("every kind is described, and each field of it, of its spec and of its status", () => {
  const messages = kinds.flatMap(({ message }) => [message, ...["spec", "status"].flatMap((part) => fieldsOf(message).get(part)?.type ?? [])]);
  assert.deepEqual(kinds.filter(({ message }) => describeMessage(message) === undefined).map(({ message }) => message), []);
  assert.deepEqual([...new Set(messages)].flatMap(declared).filter(([message, key]) => describeField(message, key) === undefined), []);
});

test("what people look up within a pod is described", () => {
  const looked = ["Container", "ContainerPort", "EnvVar", "EnvVarSource", "Probe", "ProbeHandler", "HTTPGetAction", "ResourceRequirements", "SecurityContext", "PodSecurityContext", "VolumeMount", "Volume", "Toleration", "Affinity", "TopologySpreadConstraint", "PodTemplateSpec", "ServicePort", "Taint"];
  assert.deepEqual(looked.flatMap((name) => declared(`core/v1.${name}`)).filter(([message, key]) => describeField(message, key) === undefined), []);
});

test("every text is of a message and a field that exist, and is a sentence or two", () => {
  const wrong: string[] = [];
  for (const { file, texts } of files) {
    const known = schemaPackages.find((candidate) => `${candidate.package.replace("/", "-")}.json` === file);
    for (const [message, fields] of Object.entries(texts)) {
      for (const [key, text] of Object.entries(fields)) {
        const isThere = known === undefined || (known.messages[message] !== undefined && (key === "" || fieldsOf(`${known.package}.${message}`).has(key)));
        if (!isThere || text.length > 220 || !text.endsWith(".") || text.includes("  ")) wrong.push(`${file} ${message}.${key}: ${text}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("a field without a text of its own has that of its name, and a condition's that of conditions", () => {
  assert.match(describeField("apps/v1.Deployment", "apiVersion") ?? "", /^Group and version/);
  assert.match(describeField("apps/v1.DeploymentCondition", "status") ?? "", /^True, False or Unknown/);
  assert.equal(describeField("core/v1.EphemeralContainerCommon", "image"), describeField("core/v1.Container", "image"));
  assert.equal(describeField("core/v1.Nothing", "nothing"), undefined);
});
