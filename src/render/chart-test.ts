import { isEqual } from "../value/equal.ts";
import { readField } from "../value/field-path.ts";
import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { RenderFault } from "./fault.ts";
import { printPlace } from "./render.ts";
import type { Manifest, RenderRequest, RenderResult } from "./render.ts";
import { renderTree } from "./render-tree.ts";
import { fileText } from "./tree-text.ts";
import { readYamlFile } from "./values.ts";

/** One unit test of a chart and how it went; no failures means it passed. */
export interface ChartTestResult {
  readonly file: string;
  readonly name: string;
  readonly failures: readonly string[];
}

/**
 * Runs the unit tests in a chart's `tests/*.yaml`: each a list of `{ name, values, expect | expectError }`. An expectation names an
 * object (`Deployment/demo`) and a `path`, with `equals`, `contains`, `exists` or `differsFromDefault`; or the `count` of all objects.
 */
export function runChartTests(tree: FileTree): readonly ChartTestResult[] {
  const files = [...tree.files.keys()].filter((file) => /^tests\/[^/]+\.ya?ml$/.test(file)).toSorted();
  return files.flatMap((file) => {
    const tests = readYamlFile(fileText(tree, file), file);
    if (!Array.isArray(tests)) return [{ file, name: "(file)", failures: ["the file must hold a list of tests"] }];
    return (tests as readonly Json[]).map((test) => runTest(tree, file, isJsonObject(test) ? test : {}));
  });
}

/** The request that tests render with: release `demo` in namespace `default`. */
export function chartTestRequest(tree: FileTree, values: JsonObject = {}): RenderRequest {
  return {
    tree, values, valueFiles: [], parameters: [], directory: { recurse: true, include: "", exclude: "" },
    release: { name: "demo", namespace: "default", revision: 1, isInstall: true },
    capabilities: { kubeVersion: "v1.33.0", apiVersions: ["v1", "apps/v1"] },
  };
}

function runTest(tree: FileTree, file: string, test: JsonObject): ChartTestResult {
  const name = typeof test["name"] === "string" ? test["name"] : "(without a name)";
  const result = renderTree(chartTestRequest(tree, isJsonObject(test["values"]) ? test["values"] : {}));
  if (typeof test["expectError"] === "string") return { file, name, failures: checkError(result, test["expectError"]) };
  if (result.kind === "failed") return { file, name, failures: result.problems.map((problem) => (problem.place === undefined ? problem.message : `${printPlace(problem.place)}: ${problem.message}`)) };
  const { manifests } = result;
  const expectations = Array.isArray(test["expect"]) ? (test["expect"] as readonly Json[]) : [];
  if (expectations.length === 0) return { file, name, failures: ["the test expects nothing"] };
  return { file, name, failures: expectations.flatMap((expectation) => check(isJsonObject(expectation) ? expectation : {}, manifests, tree)) };
}

function checkError(result: RenderResult, text: string): readonly string[] {
  if (result.kind === "rendered") return ["it rendered, but an error was expected"];
  const messages = result.problems.map((problem) => problem.message);
  return messages.some((message) => message.includes(text)) ? [] : [`no error says ${JSON.stringify(text)}; they say: ${messages.join("; ")}`];
}

function check(expectation: JsonObject, manifests: readonly Manifest[], tree: FileTree): readonly string[] {
  const { count, object, path } = expectation;
  if (count !== undefined) return count === manifests.length ? [] : [`there are ${manifests.length} objects, expected ${JSON.stringify(count)}`];
  if (typeof object !== "string" || typeof path !== "string") return ["an expectation needs count, or object and path"];
  const found = find(manifests, object);
  if (found === undefined) return [`there is no ${object}`];
  const actual = readField(found.object, path);
  const shown = `${object} ${path} is ${JSON.stringify(actual)}`;
  if ("equals" in expectation) return isEqual(actual, expectation["equals"]) ? [] : [`${shown}, expected ${JSON.stringify(expectation["equals"])}`];
  if (typeof expectation["contains"] === "string") return typeof actual === "string" && actual.includes(expectation["contains"]) ? [] : [`${shown}, expected it to contain ${JSON.stringify(expectation["contains"])}`];
  if (typeof expectation["exists"] === "boolean") return (actual !== undefined) === expectation["exists"] ? [] : [`${shown}, expected it to ${expectation["exists"] ? "exist" : "be absent"}`];
  if (expectation["differsFromDefault"] === true) return isEqual(actual, defaultField(tree, object, path)) ? [`${shown}, as by default`] : [];
  throw new RenderFault({ message: `an expectation of ${object} ${path} says nothing: use equals, contains, exists or differsFromDefault` });
}

function find(manifests: readonly Manifest[], name: string): Manifest | undefined {
  return manifests.find(({ object }) => `${object.kind}/${object.metadata.name}` === name);
}

function defaultField(tree: FileTree, object: string, path: string): Json | undefined {
  const result = renderTree(chartTestRequest(tree));
  const found = result.kind === "rendered" ? find(result.manifests, object) : undefined;
  return found === undefined ? undefined : readField(found.object, path);
}
