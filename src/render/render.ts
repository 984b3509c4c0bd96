import type { ApiObject } from "../model/object.ts";
import type { FileTree } from "../value/file-tree.ts";
import type { Json, JsonObject } from "../value/json.ts";
import type { TemplateLimits } from "./limits.ts";
import type { ObjectOrigins, OriginQuery } from "./origins/origin.ts";

/** Where a text stands. `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What to render, with every fact a template may ask for: rendering is a pure function of this. */
export interface RenderRequest {
  readonly tree: FileTree;
  readonly release: { readonly name: string; readonly namespace: string; readonly revision: number; readonly isInstall: boolean };
  /** Value layers above the chart's own, lowest first. Files are paths in `tree`. */
  readonly valueFiles: readonly string[];
  readonly ignoreMissingValueFiles?: boolean;
  readonly values: JsonObject;
  /** A further layer below `values`, still YAML: who wrote it may have written anything, so it is read where the chart is. `name` stands in errors. */
  readonly valuesText?: { readonly name: string; readonly text: string };
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly forceString?: boolean }[];
  /** Values that are the texts of files in `tree`, set over all others. */
  readonly fileParameters?: readonly { readonly name: string; readonly path: string }[];
  readonly skipCrds?: boolean;
  /** Leaves out what is only a test of the release. */
  readonly skipTests?: boolean;
  /** Takes values as they are, whatever values.schema.json says. */
  readonly skipSchema?: boolean;
  readonly directory: { readonly recurse: boolean; readonly include: string; readonly exclude: string };
  readonly capabilities: { readonly kubeVersion: string; readonly apiVersions: readonly string[] };
  /** What chance and the clock are to templates, pinned per release so that a second render is equal. Without it both are the same for everybody. */
  readonly pins?: RenderPins;
  /** What `lookup` finds, by `printLookup`; null for nothing. What is not in it is asked for in the result. */
  readonly lookups?: { readonly [key: string]: JsonObject | null };
  /** Whose scalars' origins are asked for. */
  readonly origins?: OriginQuery | "all";
  /** Other bounds of templates than the constants. */
  readonly limits?: TemplateLimits;
  /** The result keeps what says later where each scalar came from. */
  readonly keepsOrigins?: boolean;
  /** What an earlier render of this very tree kept: `origins` are told from it, and nothing is rendered. */
  readonly kept?: Uint8Array;
}

/** The seed of all that chance says, and what the clock says; `sites` have their own. */
export interface RenderPins {
  readonly seed: string;
  readonly nowMs: number;
  readonly epoch?: number;
  readonly sites?: { readonly [site: string]: { readonly epoch: number; readonly nowMs: number } };
}

/** An object, or with an empty name a list of objects, that a template looks for in the cluster. */
export interface LookupQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The key of a query's answer. */
export function printLookup({ apiVersion, kind, namespace, name }: LookupQuery): string {
  return [apiVersion, kind, namespace, name].join(" ");
}

/** One rendered object and where it came from. */
export interface Manifest {
  readonly object: ApiObject & JsonObject;
  readonly place: Place;
  /** Set when the object is one of Helm's hooks: it runs at events, and is no part of what is kept true. */
  readonly hook?: Hook;
  /** True for a chart's own definitions (`crds/`), which Helm never removes. */
  readonly isKept?: boolean;
}

/** When a Helm hook runs. */
export interface Hook {
  /** `pre-install`, `post-upgrade`, `test` … as written. */
  readonly events: readonly string[];
  readonly weight: number;
  /** `before-hook-creation` where nothing is said, as Helm. */
  readonly deletePolicies: readonly string[];
}

/** One thing wrong, at a place, with what to do about it. */
export interface RenderProblem {
  readonly message: string;
  readonly place?: Place;
  /** Path of the value at fault, `Values.image.tag`. */
  readonly valuePath?: string;
}

export type RenderResult =
  | { readonly kind: "rendered"; readonly sourceType: "Directory" | "Helm" | "Handlebars"; readonly manifests: readonly Manifest[]; readonly notes: string; readonly values: Json; readonly origins?: readonly ObjectOrigins[]; readonly kept?: Uint8Array; readonly asked?: readonly LookupQuery[]; readonly pinned?: readonly string[] }
  | { readonly kind: "failed"; readonly problems: readonly RenderProblem[]; /** It went over a bound and was stopped. */ readonly isStopped?: true; readonly asked?: readonly LookupQuery[]; readonly pinned?: readonly string[] };

/** Renders in a bounded worker; the pure function inside never sees the outside. */
export interface Renderer {
  render(request: RenderRequest, signal: AbortSignal): Promise<RenderResult>;
  close(): Promise<void>;
}

/** `templates/web.yaml:12:3`. */
export function printPlace(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
}
