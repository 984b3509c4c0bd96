import type { Json } from "../value/json.ts";
import { blockFunctions } from "./functions/blocks.ts";
import { digestFunctions } from "./functions/digests.ts";
import { encodingFunctions } from "./functions/encodings.ts";
import { listFunctions } from "./functions/lists.ts";
import { logicFunctions } from "./functions/logic.ts";
import { mapFunctions } from "./functions/maps.ts";
import { missingFunctions } from "./functions/missing.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { outsideFunctions } from "./functions/outside.ts";
import { printFunctions } from "./functions/print.ts";
import { textFunctions } from "./functions/texts.ts";
import { versionFunctions } from "./functions/versions.ts";
import type { Block } from "./text.ts";

/** What a template expression may be: JSON, a block of text, or missing. */
export type TemplateValue = Json | Block | undefined;

/** What functions may ask of the engine that calls them. */
export interface CallContext {
  /** Text of another template, rendered with `context` (the root when undefined). */
  include(name: string, context: TemplateValue): Block;
  /** Renders a text as a template. */
  renderText(text: string, context: TemplateValue): Block;
  /** Texts of the chart's files by path. */
  readonly files: { readonly [path: string]: Json | undefined };
  /** The text a block reads as, values filled in. */
  plainText(block: Block): string;
}

/** One function of templates, the same in every engine. Arguments stand in Helm's order: the subject comes last. */
export interface TemplateFunction {
  readonly name: string;
  /** For people: `trunc LENGTH TEXT`. */
  readonly usage: string;
  /** Fewest and most arguments. */
  readonly min: number;
  readonly max: number;
  /** True when arguments may be missing values; else a missing one is an error before `run`. */
  readonly takesMissing?: boolean;
  /** True when blocks arrive as blocks; else they arrive as their text. */
  readonly takesBlocks?: boolean;
  /** Throws FunctionFault for arguments it cannot use. */
  run(args: readonly TemplateValue[], context: CallContext): TemplateValue;
}

/** Every function of templates. Adding one = an entry in its theme's file; a test then demands its cases. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  [
    ...blockFunctions, ...digestFunctions, ...encodingFunctions, ...listFunctions, ...logicFunctions, ...mapFunctions,
    ...missingFunctions, ...numberFunctions, ...outsideFunctions, ...printFunctions, ...textFunctions, ...versionFunctions,
  ].map((entry) => [entry.name, entry]),
);
