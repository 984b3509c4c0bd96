import Handlebars from "handlebars";
import type { Template } from "../engine.ts";
import { faultAt } from "../fault.ts";
import type { RenderFault } from "../fault.ts";
import { blockNames, internalHelpers, Rewriter } from "./_rewrite.ts";
import type { PartialCall } from "./_rewrite.ts";
import type { SyntaxNode } from "./_syntax.ts";

/** A compiled template, to be run with a context. This file is the only door to npm `handlebars`. */
export type RunTemplate = Handlebars.TemplateDelegate;

/** A function that templates call. */
export type Helper = Handlebars.HelperDelegate;

/** One compiled template; the compiled code knows no values and no render, so it may serve many. */
export interface Compiled {
  readonly run: RunTemplate;
  readonly partialCalls: readonly PartialCall[];
  readonly inlineNames: readonly string[];
}

/** Compiled templates kept between renders of one worker; a chart has about 20. */
const compiledMax = 500;
const compiledTemplates = new Map<string, Compiled>();

const knownHelpers = Object.fromEntries([...Object.values(internalHelpers), ...blockNames].map((name) => [name, true]));

/** How a template is compiled. */
export interface CompileOptions {
  readonly isTraced: boolean;
  /** What it writes may be indented later. */
  readonly isMovable: boolean;
  readonly inlineName?: string;
}

/** Compiles one template, or one inline partial of it. Only texts are compiled: the tree comes from Handlebars' own parser. Throws RenderFault. */
export function compileTemplate(template: Template, { isTraced, isMovable, inlineName }: CompileOptions): Compiled {
  const key = [template.file, inlineName ?? "", isTraced ? "traced" : "", isTraced && isMovable ? "movable" : "", template.text].join("\u0000");
  const known = compiledTemplates.get(key);
  if (known !== undefined) return known;
  const instance = Handlebars.create();
  const rewriter = new Rewriter(template.file, { isTraced, isMovable });
  const program = rewriter.program(parseTemplate(template, inlineName));
  // Compiling asks the instance to parse the text; it is given the same tree, rewritten.
  instance.parse = () => program as unknown as ReturnType<typeof instance.parse>;
  const run: RunTemplate = instance.compile(template.text, { noEscape: true, knownHelpers, knownHelpersOnly: true });
  const compiled: Compiled = { run, partialCalls: rewriter.partialCalls, inlineNames: rewriter.inlineNames };
  if (compiledTemplates.size >= compiledMax) compiledTemplates.clear();
  compiledTemplates.set(key, compiled);
  return compiled;
}

/** The tree of a template, or of one inline partial of it. Throws RenderFault. */
export function parseTemplate(template: Template, inlineName?: string): SyntaxNode {
  try {
    const program = Handlebars.parse(template.text) as unknown as SyntaxNode;
    return inlineName === undefined ? program : inlineProgram(program, inlineName);
  } catch (error) {
    throw syntaxFault(template, error);
  }
}

function inlineProgram(program: SyntaxNode, name: string): SyntaxNode {
  const found = program.body?.find((statement) => statement.type === "DecoratorBlock" && statement.params?.[0]?.value === name)?.program;
  return found ?? program;
}

/** Handlebars says where in two ways: in fields, or in the words of its generated parser. */
function syntaxFault(template: Template, error: unknown): RenderFault {
  const message = error instanceof Error ? error.message : String(error);
  const { lineNumber, column } = error as { readonly lineNumber?: number; readonly column?: number };
  if (lineNumber !== undefined) {
    return faultAt({ file: template.file, line: lineNumber, column: (column ?? 0) + 1 }, message.replace(/ - \d+:\d+$/, ""));
  }
  const line = Number(/^(?:Parse|Lexical) error on line (\d+)/.exec(message)?.[1] ?? 1);
  const got = /got '(\w+)'/.exec(message)?.[1];
  const near = message.split("\n")[1]?.trim() ?? "";
  const what = got === "EOF" ? "the template ends before a block or expression is closed" : `the template cannot be read here${got === undefined ? "" : ` (unexpected ${got.toLowerCase().replaceAll("_", " ")})`}`;
  const last = template.text.split("\n").length;
  return faultAt({ file: template.file, line: Math.min(line, last) }, near === "" ? what : `${what}, near ${JSON.stringify(near)}`);
}

/** What is said of an error while a template runs: Handlebars' own words, or those of what it called. */
export function messageOf(error: Error): string {
  return error instanceof Handlebars.Exception ? error.message : `the template cannot be run: ${error.message}`;
}

/** The name of the partial that Handlebars did not find; undefined for other errors. */
export function missingPartialIn(error: unknown): string | undefined {
  return error instanceof Handlebars.Exception ? /^The partial (.*) could not be found$/s.exec(error.message)?.[1] : undefined;
}

/** Where Handlebars says an error is, as far as it does. */
export function placeOf(error: object): { readonly line?: number; readonly column?: number } {
  const { lineNumber, column } = error as { readonly lineNumber?: number; readonly column?: number };
  return { ...(lineNumber === undefined ? {} : { line: lineNumber }), ...(column === undefined ? {} : { column: column + 1 }) };
}
