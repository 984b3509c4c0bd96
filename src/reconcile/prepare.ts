import type { Application } from "../model/kinds/application.ts";
import type { Manifest } from "../render/render.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { asJson } from "../value/json.ts";
import type { Clock } from "../world/clock.ts";
import type { FileTree } from "../value/file-tree.ts";
import type { Repositories, RepositoryProblem, Revision } from "../world/repositories.ts";
import type { Pins } from "./pins.ts";
import type { Problem } from "./problem.ts";
import { renderSource } from "./render-source.ts";
import type { RenderTools } from "./render-source.ts";

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
  /** What the chart's NOTES.txt says. */
  readonly notes: string;
  /** Call sites that asked for chance, the clock or the cluster. */
  readonly pinned: readonly string[];
  /** What says where every scalar came from, packed; undefined when there is nothing to say, as of plain manifests. */
  readonly kept: Uint8Array | undefined;
  readonly stretches: readonly Stretch[];
}

export type PrepareResult = { readonly kind: "prepared"; readonly prepared: Prepared } | { readonly kind: "problems"; readonly revision?: Revision; readonly problems: readonly Problem[] };

/** What preparing needs of the world. */
export interface PrepareTools extends RenderTools {
  readonly repositories: Repositories;
  readonly clock: Clock;
}

/** Resolves, reads and renders the source of an application. `last` spares the work when nothing changed. */
export async function prepare(application: Application, last: Prepared | undefined, tools: PrepareTools, signal: AbortSignal): Promise<PrepareResult> {
  const { source } = application.spec;
  const startedMs = tools.clock.monotonicMs();
  const revision = await tools.repositories.resolve({
    repoURL: source.repoURL, targetRevision: source.targetRevision ?? "HEAD", namespace: application.metadata.namespace ?? "",
    ...(isFromChart(application) ? { chart: source.chart ?? "" } : {}),
  }, signal);
  if ("kind" in revision) return { kind: "problems", problems: [{ reason: revision.reason, message: revision.message }] };
  const resolvedMs = tools.clock.monotonicMs();
  const pins = await tools.pins.load(application);
  const settings = settingsDigest(application, pins);
  if (last !== undefined && last.revision.commit === revision.commit && last.inputDigest === inputDigestOf(last.treeDigest, settings)) return { kind: "prepared", prepared: last };
  const tree = await readSource(application, revision.commit, tools, signal);
  if (tree.kind === "problem") return { kind: "problems", revision, problems: [{ reason: tree.reason, message: tree.message }] };
  const readMs = tools.clock.monotonicMs();
  const inputDigest = inputDigestOf(tree.digest, settings);
  if (last?.inputDigest === inputDigest) return { kind: "prepared", prepared: { ...last, revision, stretches: [] } };
  const rendered = await renderSource(application, tree, tools, { signal, pins });
  if (rendered.kind === "problems") return { kind: "problems", revision, problems: rendered.problems };
  if (rendered.pins !== undefined && rendered.pins !== pins) await tools.pins.save(application, rendered.pins);
  const stretches: readonly Stretch[] = [
    { stretch: "resolve", durationMs: resolvedMs - startedMs }, { stretch: "read", durationMs: readMs - resolvedMs },
    { stretch: "render", durationMs: tools.clock.monotonicMs() - readMs },
  ];
  return { kind: "prepared", prepared: { revision, treeDigest: tree.digest, inputDigest: inputDigestOf(tree.digest, settingsDigest(application, rendered.pins)), pinned: rendered.pinned ?? [], manifests: rendered.manifests, sourceType: rendered.sourceType, notes: rendered.notes, kept: rendered.kept, stretches } };
}

/** True when the application follows a chart of a repository or registry, and no folder in Git. */
export function isFromChart({ spec }: Application): boolean {
  return spec.source.chart !== undefined && spec.source.chart !== "";
}

/** The tree of a commit: a folder of Git, or the package of a chart. */
export async function readSource(application: Application, commit: string, { repositories }: Pick<PrepareTools, "repositories">, signal: AbortSignal): Promise<FileTree | RepositoryProblem> {
  const { source } = application.spec;
  if (!isFromChart(application)) return repositories.readTree(source.repoURL, commit, source.path ?? ".", signal);
  return await repositories.readChart?.(source.repoURL, commit, signal) ?? { kind: "problem", reason: "NotAllowed", message: "charts come from Git only here; commit the chart and set spec.source.path" };
}

/** Everything of an application's spec a render depends on besides the tree. */
function settingsDigest(application: Application, pins: Pins | undefined): string {
  const { helm, directory, path } = application.spec.source;
  return sha256(printCanonicalJson(asJson({ helm, directory, path, namespace: application.spec.destination.namespace, name: application.metadata.name, ...(pins === undefined ? {} : { pins: asJson(pins) }) })));
}

function inputDigestOf(treeDigest: string, settings: string): string {
  return sha256(`${treeDigest}\n${settings}`);
}
