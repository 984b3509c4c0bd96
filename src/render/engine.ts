import type { JsonObject } from "../value/json.ts";
import type { TemplateLimits } from "./limits.ts";
import type { Trace } from "./origins/trace.ts";
import type { Place, RenderProblem } from "./render.ts";
import type { GoMap } from "./template/value.ts";

/** One template file of a chart. */
export interface Template {
  /** Path in the tree, `charts/redis/templates/deployment.yaml`. */
  readonly file: string;
  readonly text: string;
}

/** What templates see: Helm's objects. */
export interface TemplateObjects {
  readonly Values: JsonObject;
  readonly Release: JsonObject;
  readonly Chart: JsonObject;
  readonly Capabilities: JsonObject;
  /** Texts of the chart's other files by path. */
  readonly Files: JsonObject;
}

/** One chart of a tree, as an engine renders it. */
export interface EngineScope {
  /** Names from the root to the chart, `shop/charts/redis`: templates go by it. */
  readonly chartPath: string;
  /** Path from the chart's folder to the tree's root, `charts/redis/`; empty for the root. */
  readonly folder: string;
  /** Templates that give manifests, in path order. */
  readonly templates: readonly Template[];
  /** Templates that are only called from others (`_name.hbs`). */
  readonly partials: readonly Template[];
  readonly objects: TemplateObjects;
  /** The values as Go's templates share and change them. */
  readonly values: GoMap;
  /** Contents of the chart's other files by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Name of the value layer that gave a path, for messages. */
  readonly layerOf: (path: readonly string[]) => string | undefined;
  /** Charts it holds, by name. */
  readonly children: readonly { readonly name: string; readonly scope: EngineScope }[];
}

/** Facts that are no part of the chart: pinned, so that a second render is equal. */
export interface EngineFacts {
  /** What the clock says at a call site, in milliseconds since 1970. */
  nowAt(site: string): number;
  /** The next bytes of the stream of a call site. */
  randomBytes(site: string, count: number): Uint8Array;
  /** An object of the cluster, or an empty map. */
  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap;
}

/** What one template gave. The text still holds marks and references, see text.ts. */
export interface EngineOutput {
  readonly file: string;
  readonly text: string;
  /** Plain string values by reference number. */
  readonly plainValues: readonly string[];
}

/** Outputs of all templates, or what was wrong in each. */
export interface EngineResult {
  readonly outputs: readonly EngineOutput[];
  readonly problems: readonly RenderProblem[];
}

/** A value a template names. */
export interface ValueRead {
  /** Below `Values`; empty where all values are handed on. */
  readonly path: readonly string[];
  readonly place: Place;
}

/** A template language. */
export interface TemplateEngine {
  readonly name: string;
  readonly sourceType: "Helm" | "Handlebars";
  /** True when a file under `templates/` is written in this language. */
  reads(file: string): boolean;
  /** Every value a template names, found without rendering it. Throws RenderFault for a template that cannot be read. */
  valueReads(template: Template): readonly ValueRead[];
  /** Renders those charts of the tree below `root` that are written in it. Pure: equal inputs give equal results. */
  render(scopes: readonly EngineScope[], root: EngineScope, outside: EngineOutside): EngineResult;
}

/** What an engine is given besides the charts. */
export interface EngineOutside {
  readonly facts: EngineFacts;
  readonly trace: Trace | undefined;
  readonly limits: TemplateLimits;
  /** Told of each file before it is rendered. */
  readonly begin: (file: string) => void;
}

/** True when any file under `templates/` is one of the engine's. */
export function hasTemplates(engine: TemplateEngine, files: ReadonlyMap<string, Uint8Array>): boolean {
  for (const file of files.keys()) if (file.startsWith("templates/") && engine.reads(file)) return true;
  return false;
}
