import type { Application } from "../model/kinds/application.ts";
import type { OriginQuery } from "../render/origins/origin.ts";
import { printLookup } from "../render/render.ts";
import type { LookupQuery, Place, Renderer, RenderRequest, RenderResult } from "../render/render.ts";
import type { FileTree } from "../value/file-tree.ts";
import { isJsonObject } from "../value/json.ts";
import { originsInRepository } from "./origins-in-repository.ts";
import type { PinStore } from "./pin-store.ts";
import { withSites } from "./pins.ts";
import type { Pins } from "./pins.ts";
import { releaseInputOf, releaseOf } from "./release.ts";
import { renderProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** What rendering an application needs of the world. */
export interface RenderTools {
  readonly renderer: Renderer;
  readonly capabilities: { readonly kubeVersion: string; readonly apiVersions: readonly string[] };
  readonly pins: PinStore;
}

/** How a source is rendered. */
export interface RenderSourceOptions {
  readonly signal: AbortSignal;
  readonly origins?: OriginQuery;
  /** What an earlier render of the same tree kept: origins are told from it. */
  readonly kept?: Uint8Array | undefined;
  /** Pins that were loaded already. */
  readonly pins: Pins | undefined;
}

/** A render, and the pins it went by: those that were given, with what it needed besides. */
export type RenderedSource =
  | Extract<RenderResult, { kind: "rendered" }> & { readonly pins: Pins | undefined }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** A lookup may depend on what another one found; deeper chains than this are a loop. */
const lookupRoundsMax = 8;

/** Renders a tree as an application's source. A release counts what people put into it, so equal inputs render equal outputs. */
export async function renderSource(application: Application, tree: FileTree, tools: RenderTools, options: RenderSourceOptions): Promise<RenderedSource> {
  const request = requestOf(application, tree, tools, options);
  let { pins } = options;
  let result = await tools.renderer.render(withPins(request, pins), options.signal);
  // A chart that asks for nothing has no pins and costs no second render.
  for (let round = 0; round < lookupRoundsMax && needsPins(result, pins); round++) {
    pins ??= tools.pins.begin(application);
    for (const query of result.asked ?? []) pins = { ...pins, lookups: { ...pins.lookups, [printLookup(query)]: await tools.pins.find(application, query) } };
    result = await tools.renderer.render(withPins(request, pins), options.signal);
  }
  const inRepository = placeInRepository(application.spec.source.path ?? ".", tree);
  if (result.kind === "failed") return { kind: "problems", problems: result.problems.map((problem) => renderProblem({ ...problem, ...(problem.place === undefined ? {} : { place: inRepository(problem.place) }) })) };
  return {
    ...result, manifests: result.manifests.map((manifest) => ({ ...manifest, place: inRepository(manifest.place) })), pins: pins === undefined ? undefined : withSites(pins, result.pinned ?? []),
    ...(result.origins === undefined ? {} : { origins: originsInRepository(result.origins, inRepository) }),
  };
}

function needsPins(result: RenderResult, pins: Pins | undefined): boolean {
  return openLookups(result).length > 0 || (pins === undefined && (result.pinned ?? []).length > 0);
}

function openLookups(result: RenderResult): readonly LookupQuery[] {
  return result.asked ?? [];
}

function withPins(request: RenderRequest, pins: Pins | undefined): RenderRequest {
  if (pins === undefined) return request;
  const { lookups, ...rest } = pins;
  return { ...request, pins: rest, lookups };
}

function requestOf(application: Application, tree: FileTree, tools: RenderTools, { origins, kept }: RenderSourceOptions): RenderRequest {
  const { helm, directory } = application.spec.source;
  return {
    tree, release: releaseOf(application, releaseInputOf(application, tree.digest)),
    valueFiles: helm?.valueFiles ?? [], ignoreMissingValueFiles: helm?.ignoreMissingValueFiles === true, values: isJsonObject(helm?.valuesObject) ? helm.valuesObject : {},
    ...(helm?.values === undefined ? {} : { valuesText: { name: "spec.source.helm.values", text: helm.values } }),
    parameters: helm?.parameters ?? [], fileParameters: helm?.fileParameters ?? [], skipCrds: helm?.skipCrds === true,
    directory: { recurse: directory?.recurse !== false, include: directory?.include ?? "", exclude: directory?.exclude ?? "" },
    ...(helm?.skipTests === true ? { skipTests: true } : {}), ...(helm?.skipSchemaValidation === true ? { skipSchema: true } : {}),
    capabilities: tools.capabilities, ...(origins === undefined ? { keepsOrigins: true } : { origins }), ...(kept === undefined ? {} : { kept }),
  };
}

/** A renderer sees the application's folder only; people look for a file in the whole repository. Places that are no file of the tree stay. */
function placeInRepository(folder: string, tree: FileTree): (place: Place) => Place {
  const prefix = folder.split("/").filter((part) => part !== "" && part !== ".").map((part) => `${part}/`).join("");
  const isInTree = (file: string): boolean => tree.files.has(file) || tree.files.has(file.replace(/(?::\d+:tpl)+$/, ""));
  return (place) => (isInTree(place.file) ? { ...place, file: `${prefix}${place.file}` } : place);
}
