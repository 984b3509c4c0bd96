import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMapKind } from "../../model/kinds/config-map.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import { OpenApiV2Answers } from "./openapi-v2-answer.ts";
import type { OpenApiV2Form } from "./openapi-v2-answer.ts";

test("who has seen the document is told so without making it, until the kinds change; those who ask at once share one", async () => {
  let count = 0;
  const form: OpenApiV2Form = { contentType: "application/json", make: (kinds) => { count++; return Promise.resolve(Buffer.from(kinds.map(({ kind }) => kind).join())); } };
  const answers = new OpenApiV2Answers();
  const before = [ConfigMapKind];
  const [first, second] = await Promise.all([answers.answer(before, form, undefined), answers.answer(before, form, undefined)]);
  assert.equal(count, 1);
  assert.ok(first.kind === "body" && second.kind === "body");
  const tag = first.headers?.["etag"] ?? "";
  assert.match(tag, /^"[0-9A-F]{64}"$/);
  assert.equal(second.headers?.["etag"], tag);
  const again = await answers.answer(before, form, tag);
  assert.deepEqual([again.kind === "body" && again.code, count], [304, 1]);
  const after = await answers.answer([ConfigMapKind, SecretKind], form, tag);
  assert.ok(after.kind === "body");
  assert.deepEqual([after.code, Buffer.from(after.body).toString(), count], [200, "ConfigMap,Secret", 2]);
  // Kinds that came and went leave the document as it was.
  const back = await answers.answer([ConfigMapKind], form, tag);
  assert.deepEqual([back.kind === "body" && back.code, count], [304, 3]);
});
