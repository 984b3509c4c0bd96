import { apiVersionOf } from "../model/kind.ts";
import { kinds } from "../model/kinds.ts";
import { isEqual } from "../value/equal.ts";
import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import type { Json, JsonObject } from "../value/json.ts";
import { printYaml } from "../value/print-yaml.ts";
import { parseYamlDocuments, YamlError } from "../value/yaml.ts";
import type { YamlDocument } from "../value/yaml.ts";
import { checkExpectation, differences } from "./chart-test/expectation.ts";
import { readTestCase, TestFileError } from "./chart-test/test-case.ts";
import type { TestCase } from "./chart-test/test-case.ts";
import { printPlace } from "./render.ts";
import type { Manifest, Place, RenderRequest, RenderResult } from "./render.ts";
import { renderTree } from "./render-tree.ts";
import { fileText } from "./tree-text.ts";
import { readYamlFile, yamlMessage } from "./values.ts";

/** What one test did not find as expected, and where the expectation stands. */
export interface TestFailure {
  readonly place: Place;
  readonly message: string;
}

/** One unit test of a chart and how it went; no failures means it passed. */
export interface ChartTestResult {
  readonly file: string;
  readonly name: string;
  readonly failures: readonly TestFailure[];
  /** The objects of a test that compares with a snapshot. */
  readonly snapshot?: readonly Json[];
}

/**
 * Runs the unit tests in a chart's `tests/*.yaml`; docs/charts.md says how they are written. Every test renders the chart by itself, Helm charts
 * as well. `filter` keeps those whose name holds a text. Pure.
 */
export function runChartTests(tree: FileTree, { filter = "", render = renderTree }: { readonly filter?: string; readonly render?: (request: RenderRequest) => RenderResult } = {}): readonly ChartTestResult[] {
  const run = new TestRun(tree, render);
  return testFiles(tree).flatMap((file) => run.file(file, filter));
}

/** The same with renders somebody else makes, in bounds that hold: they are asked for first, and all at once. */
export async function runBoundedChartTests(tree: FileTree, { filter = "", render }: { readonly filter?: string; readonly render: (request: RenderRequest) => Promise<RenderResult> }): Promise<readonly ChartTestResult[]> {
  const keyOf = ({ tree: _tree, ...request }: RenderRequest): string => JSON.stringify(request);
  const unanswered: RenderResult = { kind: "failed", problems: [] };
  const asked = new Map<string, RenderRequest>();
  const tests = runChartTests(tree, { filter, render: (request) => {
    asked.set(keyOf(request), request);
    return unanswered;
  } });
  if (tests.length === 0) return [];
  const defaults = chartTestRequest(tree);
  asked.set(keyOf(defaults), defaults);
  const answers = new Map(await Promise.all([...asked].map(async ([key, request]) => [key, await render(request)] as const)));
  return runChartTests(tree, { filter, render: (request) => answers.get(keyOf(request)) ?? unanswered });
}

/** Texts of the snapshot files that fit results; those of tests that were left out stay as they are. */
export function printSnapshots(tree: FileTree, results: readonly ChartTestResult[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const file of new Set(results.map((result) => result.file))) {
    const taken = results.filter((result) => result.file === file).flatMap(({ name, snapshot }) => (snapshot === undefined ? [] : [[name, snapshot] as const]));
    if (taken.length > 0) files.set(snapshotFile(file), printYaml({ ...readSnapshots(tree, file), ...Object.fromEntries(taken) }));
  }
  return files;
}

/** What `Capabilities.APIVersions` holds: versions and kinds, as Helm has it. */
const servedVersions: readonly string[] = [...new Set(kinds.flatMap((kind) => [apiVersionOf(kind), `${apiVersionOf(kind)}/${kind.kind}`]))];

/** The request that tests render with: release `demo` in namespace `default`, installed for the first time. */
export function chartTestRequest(tree: FileTree, values: JsonObject = {}): RenderRequest {
  return {
    tree, values, valueFiles: [], parameters: [], directory: { recurse: true, include: "", exclude: "" },
    release: { name: "demo", namespace: "default", revision: 1, isInstall: true },
    capabilities: { kubeVersion: "v1.33.0", apiVersions: servedVersions },
  };
}

function testFiles(tree: FileTree): readonly string[] {
  return [...tree.files.keys()].filter((file) => /^tests\/[^/]+\.ya?ml$/.test(file)).toSorted();
}

function snapshotFile(file: string): string {
  return file.replace(/^tests\/(.*)\.ya?ml$/, "tests/snapshots/$1.yaml");
}

function readSnapshots(tree: FileTree, file: string): JsonObject {
  const path = snapshotFile(file);
  const known = tree.files.has(path) ? readYamlFile(fileText(tree, path), path) : null;
  return isJsonObject(known) ? known : {};
}

class TestRun {
  readonly #tree: FileTree;
  readonly #render: (request: RenderRequest) => RenderResult;
  #defaults: readonly Manifest[] | undefined;

  constructor(tree: FileTree, render: (request: RenderRequest) => RenderResult) {
    this.#tree = tree;
    this.#render = render;
  }

  file(file: string, filter: string): readonly ChartTestResult[] {
    const whole = (message: string, line = 1): readonly ChartTestResult[] => [{ file, name: "(file)", failures: [{ place: { file, line }, message }] }];
    let document: YamlDocument | undefined;
    try {
      document = parseYamlDocuments(fileText(this.#tree, file), file)[0];
    } catch (error) {
      if (error instanceof YamlError) return whole(yamlMessage(error), error.line);
      throw error;
    }
    if (document === undefined || !Array.isArray(document.value)) return whole("the file must hold a list of tests, each with name, values and expect");
    const tests = document.value as readonly Json[];
    const lineOf = document.lineOf.bind(document);
    return tests.flatMap((test, index) => {
      const name = isJsonObject(test) && typeof test["name"] === "string" ? test["name"] : `(test ${index + 1})`;
      return name.includes(filter) ? [this.#test(test, { file, name, placeOf: (path) => ({ file, line: lineOf([index, ...path]) }) })] : [];
    });
  }

  #test(test: Json, about: TestPlace): ChartTestResult {
    const { file, name, placeOf } = about;
    let known: TestCase;
    try {
      known = readTestCase(test);
    } catch (error) {
      if (error instanceof TestFileError) return { file, name, failures: [{ place: placeOf(error.path), message: error.message }] };
      throw error;
    }
    const base = chartTestRequest(this.#tree, known.values);
    const result = this.#render({
      ...base, valueFiles: known.valueFiles, lookups: known.lookups, release: { ...base.release, ...known.release }, capabilities: { ...base.capabilities, ...known.capabilities },
    });
    if (known.expectError !== undefined) return { file, name, failures: checkError(result, known.expectError).map((message) => ({ place: placeOf(["expectError"]), message })) };
    if (result.kind === "failed") return { file, name, failures: result.problems.map((problem) => ({ place: placeOf([]), message: problem.place === undefined ? problem.message : `${printPlace(problem.place)}: ${problem.message}` })) };
    const failures = known.expect.flatMap((expectation, index) => checkExpectation(expectation, { manifests: result.manifests, notes: result.notes, defaults: () => this.#defaultManifests() })
      .map((message) => ({ place: placeOf(["expect", index]), message })));
    if (!known.snapshot) return { file, name, failures };
    const snapshot = result.manifests.map(({ object }) => object as Json);
    return { file, name, snapshot, failures: [...failures, ...this.#compare(snapshot, about)] };
  }

  #compare(actual: readonly Json[], { file, name, placeOf }: TestPlace): readonly TestFailure[] {
    const known = readSnapshots(this.#tree, file)[name];
    const place = placeOf(["snapshot"]);
    if (known === undefined) return [{ place, message: "there is no snapshot yet; capstan chart test --update writes it" }];
    if (isEqual(known, actual)) return [];
    return differences(actual, known).map((message) => ({ place, message: `${message}; when that is meant, capstan chart test --update` }));
  }

  #defaultManifests(): readonly Manifest[] {
    if (this.#defaults === undefined) {
      const result = this.#render(chartTestRequest(this.#tree));
      this.#defaults = result.kind === "rendered" ? result.manifests : [];
    }
    return this.#defaults;
  }
}

interface TestPlace {
  readonly file: string;
  readonly name: string;
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

function checkError(result: RenderResult, text: string): readonly string[] {
  if (result.kind === "rendered") return [`it rendered ${result.manifests.length} objects, but an error was expected that says ${JSON.stringify(text)}`];
  const messages = result.problems.map((problem) => problem.message);
  return messages.some((message) => message.includes(text)) ? [] : [`no error says ${JSON.stringify(text)}; they say: ${messages.join("; ")}`];
}
