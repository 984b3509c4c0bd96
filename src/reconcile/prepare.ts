import type { Application } from "../model/kinds/application.ts";
import type { Manifest, Place, Renderer, RenderResult } from "../render/render.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import type { FileTree } from "../value/file-tree.ts";
import { asJson, isJsonObject } from "../value/json.ts";
import type { Clock } from "../world/clock.ts";
import type { Repositories, Revision } from "../world/repositories.ts";
import type { OriginQuery } from "../render/origins/origin.ts";
import { originsInRepository } from "./origins-in-repository.ts";
import { renderProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** How long each stretch of the road took, in milliseconds. */
export interface Stretch {
  readonly stretch: "resolve" | "read" | "render" | "plan" | "queue" | "commit" | "ready";
  readonly durationMs: number;
}

/** A commit of an application, rendered. */
export interface Prepared {
  readonly revision: Revision;
  readonly treeDigest: string;
  /** Digest of all that went into the render: an equal one needs no second render. */
  readonly inputDigest: string;
  readonly manifests: readonly Manifest[];
  readonly sourceType: string;
  readonly stretches: readonly Stretch[];
}

export type PrepareResult = { readonly kind: "prepared"; readonly prepared: Prepared } | { readonly kind: "problems"; readonly revision?: Revision; readonly problems: readonly Problem[] };

/** What preparing needs of the world. */
export interface PrepareTools {
  readonly repositories: Repositories;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly capabilities: { readonly kubeVersion: string; readonly apiVersions: readonly string[] };
}

/** Resolves, reads and renders the source of an application. `last` spares the work when nothing changed. */
export async function prepare(application: Application, last: Prepared | undefined, tools: PrepareTools, signal: AbortSignal): Promise<PrepareResult> {
  const { source } = application.spec;
  const startedMs = tools.clock.monotonicMs();
  const revision = await tools.repositories.resolve({
    repoURL: source.repoURL, targetRevision: source.targetRevision ?? "HEAD", namespace: application.metadata.namespace ?? "",
  }, signal);
  if ("kind" in revision) return { kind: "problems", problems: [{ reason: revision.reason, message: revision.message }] };
  const resolvedMs = tools.clock.monotonicMs();
  const settings = settingsDigest(application);
  if (last !== undefined && last.revision.commit === revision.commit && last.inputDigest === inputDigestOf(last.treeDigest, settings)) return { kind: "prepared", prepared: last };
  const tree = await tools.repositories.readTree(source.repoURL, revision.commit, source.path ?? ".", signal);
  if (tree.kind === "problem") return { kind: "problems", revision, problems: [{ reason: tree.reason, message: tree.message }] };
  const readMs = tools.clock.monotonicMs();
  const inputDigest = inputDigestOf(tree.digest, settings);
  if (last?.inputDigest === inputDigest) return { kind: "prepared", prepared: { ...last, revision, stretches: [] } };
  const rendered = await renderSource(application, tree, tools, { signal });
  if ("problems" in rendered) return { kind: "problems", revision, problems: rendered.problems };
  const stretches: readonly Stretch[] = [
    { stretch: "resolve", durationMs: resolvedMs - startedMs }, { stretch: "read", durationMs: readMs - resolvedMs },
    { stretch: "render", durationMs: tools.clock.monotonicMs() - readMs },
  ];
  return { kind: "prepared", prepared: { revision, treeDigest: tree.digest, inputDigest, manifests: rendered.manifests, sourceType: rendered.sourceType, stretches } };
}

/** Renders a tree as an application's source. Release facts are fixed, as in Argo CD: equal inputs must render equal outputs. */
export async function renderSource(
  application: Application, tree: FileTree, tools: Pick<PrepareTools, "renderer" | "capabilities">, { signal, origins }: { readonly signal: AbortSignal; readonly origins?: OriginQuery },
): Promise<Extract<RenderResult, { kind: "rendered" }> | { readonly problems: readonly Problem[] }> {
  const { helm, directory } = application.spec.source;
  const result = await tools.renderer.render({
    tree,
    release: {
      name: helm?.releaseName ?? application.metadata.name, namespace: application.spec.destination.namespace ?? "default",
      revision: 1, isInstall: true,
    },
    valueFiles: helm?.valueFiles ?? [], ignoreMissingValueFiles: helm?.ignoreMissingValueFiles === true, values: isJsonObject(helm?.valuesObject) ? helm.valuesObject : {},
    ...(helm?.values === undefined ? {} : { valuesText: { name: "spec.source.helm.values", text: helm.values } }),
    parameters: helm?.parameters ?? [], skipCrds: helm?.skipCrds === true,
    directory: { recurse: directory?.recurse !== false, include: directory?.include ?? "", exclude: directory?.exclude ?? "" },
    capabilities: tools.capabilities, ...(origins === undefined ? {} : { origins }),
  }, signal);
  const inRepository = placeInRepository(application.spec.source.path ?? ".", tree);
  if (result.kind === "failed") return { problems: result.problems.map((problem) => renderProblem({ ...problem, ...(problem.place === undefined ? {} : { place: inRepository(problem.place) }) })) };
  return {
    ...result, manifests: result.manifests.map((manifest) => ({ ...manifest, place: inRepository(manifest.place) })),
    ...(result.origins === undefined ? {} : { origins: originsInRepository(result.origins, inRepository) }),
  };
}

/** A renderer sees the application's folder only; people look for a file in the whole repository. Places that are no file of the tree stay. */
function placeInRepository(folder: string, tree: FileTree): (place: Place) => Place {
  const prefix = folder.split("/").filter((part) => part !== "" && part !== ".").map((part) => `${part}/`).join("");
  const isInTree = (file: string): boolean => tree.files.has(file) || tree.files.has(file.replace(/(?::\d+:tpl)+$/, ""));
  return (place) => (isInTree(place.file) ? { ...place, file: `${prefix}${place.file}` } : place);
}

/** Everything of an application's spec a render depends on besides the tree. */
function settingsDigest(application: Application): string {
  const { helm, directory, path } = application.spec.source;
  return sha256(printCanonicalJson(asJson({ helm, directory, path, namespace: application.spec.destination.namespace, name: application.metadata.name })));
}

function inputDigestOf(treeDigest: string, settings: string): string {
  return sha256(`${treeDigest}\n${settings}`);
}
