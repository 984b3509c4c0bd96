import type { Json } from "../value/json.ts";
import { blockFunctions } from "./functions/blocks.ts";
import { digestFunctions } from "./functions/digests.ts";
import { encodingFunctions } from "./functions/encodings.ts";
import { functionsFromHelm } from "./functions/from-helm.ts";
import { listFunctions } from "./functions/lists.ts";
import { logicFunctions } from "./functions/logic.ts";
import { mapFunctions } from "./functions/maps.ts";
import { missingFunctions } from "./functions/missing.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { outsideFunctions } from "./functions/outside.ts";
import { printFunctions } from "./functions/print.ts";
import { textFunctions } from "./functions/texts.ts";
import { versionFunctions } from "./functions/versions.ts";
import type { GoMap } from "./template/value.ts";
import type { Block } from "./text.ts";

export { differences } from "./functions/differences.ts";

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
  /** The release's pinned time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** The next bytes of the stream of this call site: the same for the same release, site and turn. */
  randomBytes(functionName: string, count: number): Uint8Array;
  /** An object of the cluster, or with an empty name a list of them, as the shell answered; an empty map when there is none. */
  lookup(apiVersion: string, kind: string, namespace: string, name: string): GoMap;
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

const ownFunctions: readonly TemplateFunction[] = [
  ...blockFunctions, ...digestFunctions, ...encodingFunctions, ...listFunctions, ...logicFunctions, ...mapFunctions,
  ...missingFunctions, ...numberFunctions, ...outsideFunctions, ...printFunctions, ...textFunctions, ...versionFunctions,
];

/**
 * Every function of Handlebars templates: those written for them, and all others of Helm's table. Adding one = an entry in its theme's file; a test
 * then demands its cases. One for both languages is added to Helm's table.
 */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map([...ownFunctions, ...functionsFromHelm(ownFunctions)].map((entry) => [entry.name, entry]));

/** Names of the functions that are written for Handlebars, with rules of their own. */
export const ownFunctionNames: ReadonlySet<string> = new Set(ownFunctions.map(({ name }) => name));
