import type { FileTree } from "../value/file-tree.ts";
import type { JsonObject } from "../value/json.ts";
import type { RenderProblem } from "./render.ts";

/** One template file of a chart. */
export interface Template {
  /** Path in the tree, `templates/deployment.hbs`. */
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

/** Everything an engine renders from. */
export interface EngineInput {
  /** Templates that give manifests, in path order. */
  readonly templates: readonly Template[];
  /** Templates that are only called from others (`_name.hbs`). */
  readonly partials: readonly Template[];
  readonly objects: TemplateObjects;
  /** Name of the value layer that gave a path, for messages. */
  readonly layerOf: (path: readonly string[]) => string | undefined;
}

/** What one template gave. The text still holds marks and references, see text.ts. */
export interface EngineOutput {
  readonly file: string;
  readonly text: string;
}

/** Outputs of all templates, or what was wrong in each. */
export interface EngineResult {
  readonly outputs: readonly EngineOutput[];
  /** Plain string values by reference number. */
  readonly plainValues: readonly string[];
  readonly problems: readonly RenderProblem[];
}

/** A template language. */
export interface TemplateEngine {
  readonly name: string;
  readonly sourceType: "Helm" | "Handlebars";
  /** True when a file under `templates/` is written in this language. */
  reads(file: string): boolean;
  /** Pure: equal inputs give equal results. */
  render(input: EngineInput): EngineResult;
}

/** True when any file of the tree under `templates/` is one of the engine's. */
export function hasTemplates(engine: TemplateEngine, tree: FileTree): boolean {
  for (const file of tree.files.keys()) if (file.startsWith("templates/") && engine.reads(file)) return true;
  return false;
}
