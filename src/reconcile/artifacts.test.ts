import assert from "node:assert/strict";
import { test } from "node:test";
import type { Application } from "../model/kinds/application.ts";
import { sha256 } from "../value/digest.ts";
import { artifactBytesMax, fitsArtifact, packArtifact } from "./artifacts.ts";
import type { StoredRender } from "./artifacts.ts";

const application = { apiVersion: "capstan.dev/v1", kind: "Application", metadata: { name: "a", namespace: "n", uid: "u" } } as Application;

function renderOf(text: string): StoredRender {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { text } };
  return { plan: { waves: [] } as unknown as StoredRender["plan"], desired: [{ object, wave: 0, place: { file: "a.yaml" } }] };
}

/** Hexadecimal noise shrinks to half. */
function noise(length: number): string {
  return Array.from({ length: Math.ceil(length / 64) }, (_, index) => sha256(String(index))).join("");
}

for (const [what, text, fits] of [
  ["a small one", "x", true], ["a large one that shrinks", "x".repeat(3 * artifactBytesMax), true],
  ["one at the limit", noise(artifactBytesMax), true], ["one that does not shrink", noise(3 * artifactBytesMax), false],
] as const) {
  test(`whether a render can be kept is known without keeping it: ${what}`, async () => {
    assert.equal(await packArtifact("r", application, renderOf(text)) !== undefined, fits);
    assert.equal(await fitsArtifact(renderOf(text)), fits);
  });
}
