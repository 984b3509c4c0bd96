import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { describeField } from "./descriptions.ts";
import { fieldsOf, schemaPackages } from "./schema.ts";

const folder = new URL("./descriptions/", import.meta.url);
type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const files = readdirSync(folder).map((file) => ({ file, texts: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Texts }));

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
  assert.match(describeField("apps/v1.DeploymentSpec", "minReadySeconds") ?? "", /^Seconds a new pod/);
  assert.match(describeField("apps/v1.DeploymentCondition", "status") ?? "", /^True, False or Unknown/);
  assert.equal(describeField("core/v1.EphemeralContainerCommon", "image"), describeField("core/v1.Container", "image"));
  assert.equal(describeField("core/v1.Nothing", "nothing"), undefined);
});
