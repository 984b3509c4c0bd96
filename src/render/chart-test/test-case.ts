import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { nearestName } from "../fault.ts";
import { printLookup } from "../render.ts";
import type { RenderRequest } from "../render.ts";

/** One test as it is written. */
export interface TestCase {
  readonly values: JsonObject;
  readonly valueFiles: readonly string[];
  readonly release: Partial<RenderRequest["release"]>;
  readonly capabilities: Partial<RenderRequest["capabilities"]>;
  /** Objects the cluster already holds, for `lookup`. */
  readonly lookups: { readonly [key: string]: JsonObject };
  readonly expect: readonly JsonObject[];
  readonly expectError: string | undefined;
  readonly snapshot: boolean;
}

/** A test that is not written as tests are; `path` leads to the member at fault. */
export class TestFileError extends Error {
  readonly path: readonly (string | number)[];
  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.name = "TestFileError";
    this.path = path;
  }
}

const members = ["name", "values", "valueFiles", "release", "capabilities", "cluster", "expect", "expectError", "snapshot"];
const releaseMembers = ["name", "namespace", "revision", "isUpgrade"];
const capabilityMembers = ["kubeVersion", "apiVersions"];

/** Reads one test. Throws TestFileError. */
export function readTestCase(test: Json): TestCase {
  if (!isJsonObject(test)) throw new TestFileError([], "a test is a map with name, values and expect");
  checkMembers(test, members, []);
  if (typeof test["name"] !== "string" || test["name"] === "") throw new TestFileError([], "the test has no name; say in it what holds");
  const release = mapOf(test, "release");
  checkMembers(release, releaseMembers, ["release"]);
  const capabilities = mapOf(test, "capabilities");
  checkMembers(capabilities, capabilityMembers, ["capabilities"]);
  const expect = listOf(test, "expect").map((expectation, index) => {
    if (!isJsonObject(expectation)) throw new TestFileError(["expect", index], "an expectation is a map");
    return expectation;
  });
  const { expectError } = test;
  if (expectError !== undefined && typeof expectError !== "string") throw new TestFileError(["expectError"], "expectError is a part of the message, a text");
  if (expect.length === 0 && expectError === undefined && test["snapshot"] !== true) throw new TestFileError([], "the test expects nothing; write expect, expectError or snapshot: true");
  return {
    values: mapOf(test, "values"), valueFiles: listOf(test, "valueFiles").map(String), expect, expectError, snapshot: test["snapshot"] === true,
    release: releaseOf(release), capabilities: capabilitiesOf(capabilities), lookups: lookupsOf(listOf(test, "cluster")),
  };
}

/** Refuses members nobody reads, since a misspelt one would make a test that says nothing. Throws TestFileError. */
export function checkMembers(map: JsonObject, known: readonly string[], path: readonly (string | number)[]): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    throw new TestFileError([...path, key], `nothing reads ${key}; ${near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`}`);
  }
}

function releaseOf(release: JsonObject): TestCase["release"] {
  const { name, namespace, revision, isUpgrade } = release;
  return {
    ...(typeof name === "string" ? { name } : {}), ...(typeof namespace === "string" ? { namespace } : {}), ...(typeof revision === "number" ? { revision } : {}),
    ...(typeof isUpgrade === "boolean" ? { isInstall: !isUpgrade } : {}),
  };
}

function capabilitiesOf(capabilities: JsonObject): TestCase["capabilities"] {
  const { kubeVersion } = capabilities;
  const apiVersions = listOf(capabilities, "apiVersions").map(String);
  return { ...(typeof kubeVersion === "string" ? { kubeVersion } : {}), ...(apiVersions.length > 0 ? { apiVersions } : {}) };
}

function lookupsOf(objects: readonly Json[]): TestCase["lookups"] {
  return Object.fromEntries(objects.filter(isJsonObject).map((object) => {
    const metadata = mapOf(object, "metadata");
    const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
    return [printLookup({ apiVersion: text(object["apiVersion"]), kind: text(object["kind"]), namespace: text(metadata["namespace"]), name: text(metadata["name"]) }), object];
  }));
}

function mapOf(map: JsonObject, key: string): JsonObject {
  const value = map[key] ?? {};
  if (!isJsonObject(value)) throw new TestFileError([key], `${key} is a map`);
  return value;
}

function listOf(map: JsonObject, key: string): readonly Json[] {
  const value = map[key] ?? [];
  if (!Array.isArray(value)) throw new TestFileError([key], `${key} is a list`);
  return value as readonly Json[];
}
