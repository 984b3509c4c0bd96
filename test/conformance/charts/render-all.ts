/**
 * Renders chart folders with their default values and prints a table: `node test/conformance/charts/render-all.ts DIR…`.
 * With `--against HELM`, the path of a Helm program, each is held object by object to what `helm template` makes of it. Helm is asked twice: what differs between
 * its own two answers, or between two renders of ours with other seeds, is chance and not counted. `--differences N` prints up to N of them a chart.
 * With `--origins` each chart is also rendered with the origin of every scalar: it must give the same objects, and no scalar may be without one.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { kinds } from "../../../src/model/kinds.ts";
import { apiVersionOf } from "../../../src/model/kind.ts";
import { printPlace } from "../../../src/render/render.ts";
import type { RenderRequest, RenderResult } from "../../../src/render/render.ts";
import { renderPacked } from "../../../src/render/render-packed.ts";
import { renderTree } from "../../../src/render/render-tree.ts";
import { sha256 } from "../../../src/value/digest.ts";
import type { FileTree } from "../../../src/value/file-tree.ts";
import { asJson, isJsonObject } from "../../../src/value/json.ts";
import type { Json } from "../../../src/value/json.ts";
import { parseYamlDocuments } from "../../../src/value/yaml.ts";

const release = { name: "demo", namespace: "default" } as const;
const firstSeed = "one";
const kubeVersion = "v1.33.0";
/** One moment for all renders of a run. */
const nowMs = Date.now();
const apiVersions: readonly string[] = [...new Set(kinds.map(apiVersionOf))];
/** Helm's answers may be as large as what we render at most. */
const answerMaxBytes = 64 * 1024 * 1024;

interface Difference {
  readonly object: string;
  readonly path: string;
  readonly ours: string;
  readonly theirs: string;
}

const words = process.argv.slice(2);
const helm = optionOf("--against");
const tellsOrigins = flagOf("--origins");
const shownMax = Number(optionOf("--differences") ?? "0");

let failures = 0;
for (const folder of words) {
  const tree = readTree(folder);
  const startedMs = performance.now();
  const result = renderTree(requestOf(tree));
  const tookMs = performance.now() - startedMs;
  if (result.kind === "failed") failures++;
  const answer = helm === undefined ? undefined : ask(helm, folder);
  const differences = helm === undefined || answer === undefined ? [] : withoutChance(tree, compare(objectsOf(result), objectsIn(answer)), [answer, ask(helm, folder)]);
  const [name, version] = nameOf(tree);
  const outcome = result.kind === "rendered" ? `${result.manifests.length} objects` : `FAILED ${problemsOf(result)}`;
  const held = answer === undefined ? "" : ` | ${answer.error === undefined ? `${differences.length} differences` : `Helm: ${answer.error.replaceAll("\n", " ").slice(0, 300)}`}`;
  process.stdout.write(`| ${name} | ${version} | ${outcome} | ${Math.round(tookMs)} ms${held}${tellsOrigins ? ` | ${originsHeld(tree, result)}` : ""} |\n`);
  for (const { object, path, ours, theirs } of differences.slice(0, shownMax)) process.stdout.write(`    ${object} ${path}\n      ours:   ${ours.slice(0, 400)}\n      theirs: ${theirs.slice(0, 400)}\n`);
}
process.exitCode = failures > 0 ? 1 : 0;

function optionOf(name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}

function flagOf(name: string): boolean {
  const at = words.indexOf(name);
  return at >= 0 && words.splice(at, 1).length > 0;
}

/** How a traced render differs from the plain one, and how many scalars it knows nothing about. */
function originsHeld(tree: FileTree, plain: RenderResult): string {
  const startedMs = performance.now();
  const traced = renderTree({ ...requestOf(tree), keepsOrigins: true });
  const tookMs = performance.now() - startedMs;
  if (traced.kind === "failed" || plain.kind === "failed") return traced.kind === plain.kind ? "fails likewise" : `FAILED ${traced.kind === "failed" ? problemsOf(traced) : "only without origins"}`;
  const differing = plain.manifests.findIndex(({ object }, index) => JSON.stringify(object) !== JSON.stringify(traced.manifests[index]?.object));
  if (differing >= 0 || plain.manifests.length !== traced.manifests.length) {
    failures++;
    return `DIFFERS in ${plain.manifests[differing]?.object.kind ?? "number"} ${plain.manifests[differing]?.object.metadata.name ?? ""}`;
  }
  const kept = renderPacked({ ...requestOf(tree), keepsOrigins: true });
  const told = kept.kind === "rendered" && kept.kept !== undefined ? renderPacked({ ...requestOf(tree), origins: "all", kept: kept.kept }) : kept;
  const origins = told.kind === "rendered" ? told.origins ?? [] : [];
  const scalars = plain.manifests.reduce((sum, { object }) => sum + scalarCount(asJson(object)), 0);
  const known = origins.reduce((sum, object) => sum + object.origins.length, 0);
  if (known !== scalars) failures++;
  const keptBytes = kept.kind === "rendered" ? kept.kept?.byteLength ?? 0 : 0;
  return `${known} of ${scalars} origins, ${Math.round(tookMs)} ms, ${Math.round(keptBytes / 1_000)} kB kept`;
}

function scalarCount(value: Json): number {
  if (Array.isArray(value) && value.length > 0) return (value as readonly Json[]).reduce<number>((sum, item) => sum + scalarCount(item), 0);
  return isJsonObject(value) && Object.keys(value).length > 0 ? Object.values(value).reduce<number>((sum, member) => sum + scalarCount(member ?? null), 0) : 1;
}

/** What is the same at each render of the same program. */
function withoutChance(tree: FileTree, found: readonly Difference[], answers: readonly [Answer, Answer]): readonly Difference[] {
  const renders = [firstSeed, "another"].map((seed) => objectsOf(renderTree({ ...requestOf(tree), pins: { seed, nowMs: Date.now() } })));
  const chance = [...compare(renders[0] ?? new Map(), renders[1] ?? new Map()), ...compare(objectsIn(answers[0]), objectsIn(answers[1]))];
  const keys = new Set(chance.map(({ object, path }) => `${object} ${path}`));
  return found.filter(({ object, path }) => !keys.has(`${object} ${path}`));
}

function requestOf(tree: FileTree): RenderRequest {
  return {
    tree, release: { ...release, revision: 1, isInstall: true }, valueFiles: [], values: {}, parameters: [],
    pins: { seed: firstSeed, nowMs }, directory: { recurse: true, include: "", exclude: "" }, capabilities: { kubeVersion, apiVersions },
  };
}

function readTree(folder: string): FileTree {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), readFileSync(path));
  }
  return { kind: "tree", digest: sha256(folder), files };
}

function nameOf(tree: FileTree): readonly [string, string] {
  const [metadata] = parseYamlDocuments(new TextDecoder().decode(tree.files.get("Chart.yaml")), "Chart.yaml");
  return isJsonObject(metadata?.value) ? [textOf(metadata.value["name"]), textOf(metadata.value["version"])] : ["?", "?"];
}

function problemsOf(result: Extract<RenderResult, { kind: "failed" }>): string {
  return result.problems.slice(0, 3).map((problem) => `${problem.place === undefined ? "" : `${printPlace(problem.place)}: `}${problem.message}`).join("; ").slice(0, 600);
}

interface Answer {
  readonly text?: string;
  readonly error?: string;
}

/** What `helm template` prints. */
function ask(helm: string, folder: string): Answer {
  const capabilities = ["--kube-version", kubeVersion, ...apiVersions.flatMap((version) => ["--api-versions", version])];
  const { stdout, stderr, status } = spawnSync(helm, ["template", release.name, resolve(folder), "--namespace", release.namespace, "--include-crds", ...capabilities], { encoding: "utf8", maxBuffer: answerMaxBytes });
  return status === 0 ? { text: stdout } : { error: stderr };
}

function objectsIn({ text = "" }: Answer): ReadonlyMap<string, Json> {
  const theirs = new Map<string, Json>();
  for (const { value } of parseYamlDocuments(text, "helm template", { allowsDuplicateKeys: true })) addObject(theirs, value);
  return theirs;
}

function objectsOf(result: RenderResult): ReadonlyMap<string, Json> {
  const ours = new Map<string, Json>();
  if (result.kind === "rendered") for (const { object } of result.manifests) addObject(ours, asJson(object));
  return ours;
}

function compare(ours: ReadonlyMap<string, Json>, theirs: ReadonlyMap<string, Json>): readonly Difference[] {
  if (ours.size === 0 || theirs.size === 0) return [];
  const keys = new Set([...ours.keys(), ...theirs.keys()]);
  return [...keys].toSorted().flatMap((key) => differencesOf(ours.get(key), theirs.get(key), []).map((difference) => ({ object: key, ...difference })));
}

function addObject(objects: Map<string, Json>, value: Json): void {
  if (!isJsonObject(value)) return;
  if (textOf(value["kind"]).endsWith("List") && Array.isArray(value["items"])) {
    for (const item of value["items"] as readonly Json[]) addObject(objects, item);
    return;
  }
  const metadata = isJsonObject(value["metadata"]) ? value["metadata"] : {};
  objects.set(`${textOf(value["kind"])} ${textOf(metadata["namespace"])}/${textOf(metadata["name"])}`, value);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function differencesOf(ours: Json | undefined, theirs: Json | undefined, path: readonly string[]): readonly Omit<Difference, "object">[] {
  if (isJsonObject(ours) && isJsonObject(theirs)) {
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => differencesOf(ours[key], theirs[key], [...path, key]));
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item: Json, index) => differencesOf(item, theirs[index] as Json, [...path, String(index)]));
  }
  return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ path: path.join("."), ours: JSON.stringify(ours) ?? "(none)", theirs: JSON.stringify(theirs) ?? "(none)" }];
}
