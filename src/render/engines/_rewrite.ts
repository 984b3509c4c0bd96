import { faultAt, nearestName } from "../fault.ts";
import { functions } from "../functions.ts";
import type { Place } from "../render.ts";
import { hasSign, markLines, printMark } from "../text.ts";
import { printSite } from "./_site.ts";
import { isRawBlock, nameNode, simpleName, textNode } from "./_syntax.ts";
import type { SyntaxHash, SyntaxLocation, SyntaxNode } from "./_syntax.ts";

/** The helpers rewritten templates call. No template can name them: a call of an unknown name is refused here. */
export const internalHelpers = { emit: "#emit", emitRaw: "#emitRaw", call: "#call", partial: "#partial", enter: "#enter", leave: "#leave" } as const;
/** The hash member that tells a block helper where it stands. */
export const siteMember = "#site";
/** The hash member of a block whose content begins on a line of its own. Only traced renders ask. */
export const apartMember = "#apart";
/** The blocks of the language. */
export const blockNames: ReadonlySet<string> = new Set(["each", "if", "unless", "with"]);
/** Named arguments blocks read. */
const blockMembers: Readonly<Record<string, readonly string[]>> = { each: [], if: ["includeZero"], unless: ["includeZero"], with: [] };
/** The block whose content is no template: `{{{{raw}}}}{{ $labels.pod }}{{{{/raw}}}}`. */
const rawBlock = "raw";
/** Helm's objects: found from the root in every scope, unless written `this.Values`. */
export const rootNames: ReadonlySet<string> = new Set(["Values", "Release", "Chart", "Capabilities", "Files", "Template"]);
/** Functions that read named arguments (`dict a=1`). */
const takesNamed: ReadonlySet<string> = new Set(["dict", "include", "tpl"]);
/** Handlebars' own `lookup COLLECTION KEY` beside Helm's of four arguments. */
const lookupArguments = 2;

/** A static call of a partial, to be checked against the partials there are. */
export interface PartialCall {
  readonly name: string;
  readonly place: Place;
}

/**
 * Rewrites one parsed template so that all that it prints and calls goes through three helpers that know the place:
 * `{{a.b}}` becomes `{{#emit a.b "file:1:2 …"}}`, `(quote x)` becomes `(#call "quote" "…" x)`, content is preceded by a mark.
 * Throws RenderFault for unknown functions, blocks, and wrong numbers of arguments.
 */
export class Rewriter {
  readonly #file: string;
  /** Calls of partials go through helpers, so that a trace sees them. */
  readonly #isTraced: boolean;
  /** What is written here may be indented later: in a traced render its lines have marks of their own. */
  #isMovable: boolean;
  readonly partialCalls: PartialCall[] = [];
  /** Names of inline partials this template defines. */
  readonly inlineNames: string[] = [];

  constructor(file: string, { isTraced, isMovable }: { readonly isTraced: boolean; readonly isMovable: boolean }) {
    this.#file = file;
    this.#isTraced = isTraced;
    this.#isMovable = isMovable;
  }

  program(node: SyntaxNode): SyntaxNode {
    return { ...node, body: (node.body ?? []).flatMap((statement) => (this.#isTraced ? this.#traced(statement, this.#statement(statement)) : this.#marked(statement))) };
  }

  /** What a partial writes begins with the place that calls it, so that an object of a layout leads to its template. */
  #marked(node: SyntaxNode): readonly SyntaxNode[] {
    const statement = this.#statement(node);
    if (node.type !== "PartialStatement" && node.type !== "PartialBlockStatement") return [statement];
    const { file, line, column } = this.#place(node.loc);
    const mark = printMark(`${file}:${line}:${column}`);
    return [{ type: "ContentStatement", loc: node.loc, value: mark, original: mark }, statement];
  }

  /** The same for a trace, which is asked for the mark of its context. */
  #traced(given: SyntaxNode, rewritten: SyntaxNode): readonly SyntaxNode[] {
    const ask = (helper: string, ...texts: readonly string[]): SyntaxNode => ({ type: "MustacheStatement", loc: given.loc, path: nameNode(helper, given.loc), params: texts.map((text) => textNode(text, given.loc)), escaped: false });
    switch (given.type) {
      case "PartialStatement": case "PartialBlockStatement": return [ask(internalHelpers.enter, `${this.#file}:${given.loc.start.line}:${given.loc.start.column + 1}`), rewritten, ask(internalHelpers.leave, "")];
      default: return [rewritten];
    }
  }

  #statement(node: SyntaxNode): SyntaxNode {
    switch (node.type) {
      case "ContentStatement": return this.#content(node);
      case "MustacheStatement": return this.#mustache(node);
      case "BlockStatement": return this.#block(node);
      case "PartialStatement": case "PartialBlockStatement": return this.#partial(node);
      case "DecoratorBlock": return this.#decorator(node);
      case "CommentStatement": return node;
      default: throw faultAt(this.#place(node.loc), "this form is not part of the template language");
    }
  }

  #content(node: SyntaxNode): SyntaxNode {
    const value = String(node.value ?? "");
    if (value === "") return node;
    if (hasSign(value)) throw faultAt(this.#place(node.loc), "the template holds one of the characters U+FDD0 to U+FDD3, which are reserved");
    // Whitespace control may have cut the beginning off: the mark names the line of what is left.
    const original = String(node.original ?? value);
    const cut = original.slice(0, Math.max(0, original.indexOf(value)));
    const lines = cut.split("\n").length - 1;
    const column = lines === 0 ? node.loc.start.column + cut.length : cut.length - cut.lastIndexOf("\n") - 1;
    const line = node.loc.start.line + lines;
    return { ...node, value: this.#isTraced && this.#isMovable ? markLines(this.#file, line, { column: column + 1, text: value }) : printMark(`${this.#file}:${line}:${column + 1}`) + value };
  }

  #mustache(node: SyntaxNode): SyntaxNode {
    const isCall = (node.params?.length ?? 0) > 0 || node.hash !== undefined || functions.get(simpleName(node.path) ?? "")?.min === 0;
    const expression = isCall ? this.#call(node) : this.#path(pathOfLiteral(node.path, node.loc));
    const text = isCall ? this.#writtenPath(node) : String(expression.original);
    const helper = node.escaped === false ? internalHelpers.emitRaw : internalHelpers.emit;
    return without({ ...node, path: nameNode(helper, node.loc), params: [expression, textNode(this.#site(node.loc, [text]), node.loc)], escaped: false }, "hash");
  }

  #call(node: SyntaxNode): SyntaxNode {
    const name = simpleName(node.path) ?? String(node.path?.original);
    const entry = functions.get(name);
    const place = this.#place(node.loc);
    if (entry === undefined) {
      const near = nearestName(name, functions.keys());
      throw faultAt(place, `there is no function ${name}${near === undefined ? "" : `; did you mean ${near}?`}`);
    }
    const params = node.params ?? [];
    const named = node.hash?.pairs.length ?? 0;
    if (named > 0 && !takesNamed.has(name)) throw faultAt(place, `${name} takes no named arguments; it is written: ${entry.usage}`);
    const isLookup = name === "lookup" && params.length === lookupArguments;
    if (!isLookup && (params.length < entry.min || params.length > entry.max)) {
      throw faultAt(place, `${name} was given ${params.length} argument${params.length === 1 ? "" : "s"}; it is written: ${entry.usage}`);
    }
    const site = textNode(this.#site(node.loc, params.map((param) => String(param.original ?? this.#writtenPath(param)))), node.loc);
    const called: SyntaxNode = {
      type: "SubExpression", loc: node.loc, path: nameNode(internalHelpers.call, node.loc),
      params: [textNode(name, node.loc), site, ...params.map((param) => this.#expression(param))],
    };
    return node.hash === undefined ? called : { ...called, hash: this.#hash(node.hash) };
  }

  #expression(node: SyntaxNode): SyntaxNode {
    if (node.type === "SubExpression") return this.#call(node);
    return node.type === "PathExpression" ? this.#path(node) : node;
  }

  #hash(hash: SyntaxHash): SyntaxHash {
    return { ...hash, pairs: hash.pairs.map((pair) => ({ ...pair, value: this.#expression(pair.value) })) };
  }

  /** Helm's objects are found from the root, whatever the scope. */
  #path(node: SyntaxNode): SyntaxNode {
    const [head = ""] = node.parts ?? [];
    if (node.data === true || node.depth !== 0 || !rootNames.has(head) || !String(node.original).startsWith(head)) return node;
    return { ...node, data: true, parts: ["root", ...(node.parts ?? [])] };
  }

  #block(node: SyntaxNode): SyntaxNode {
    if (isRawBlock(node)) return this.#raw(node);
    const hasArguments = (node.params?.length ?? 0) > 0 || node.hash !== undefined;
    this.#checkBlock(node, hasArguments);
    const rewritten = {
      ...node,
      ...(node.path === undefined ? {} : { path: this.#path(node.path) }),
      params: (node.params ?? []).map((param) => this.#expression(param)),
      ...(node.program === undefined ? {} : { program: this.program(node.program) }),
      ...(node.inverse === undefined ? {} : { inverse: this.program(node.inverse) }),
    };
    if (!hasArguments) return rewritten;
    const site = { type: "HashPair", key: siteMember, value: textNode(this.#site(node.loc, (node.params ?? []).map((param) => String(param.original ?? this.#writtenPath(param)))), node.loc), loc: node.loc } as const;
    const [first] = node.program?.body ?? [];
    const isApart = this.#isTraced && first?.type === "ContentStatement" && /^[ \t]*\r?\n/.test(String(first.original));
    const apart = isApart ? [{ type: "HashPair", key: apartMember, value: textNode("", node.loc), loc: node.loc } as const] : [];
    return { ...rewritten, hash: { type: "Hash", loc: node.loc, pairs: [...(node.hash === undefined ? [] : this.#hash(node.hash).pairs), site, ...apart] } };
  }

  #checkBlock(node: SyntaxNode, hasArguments: boolean): void {
    const name = simpleName(node.path) ?? "";
    const place = this.#place(node.loc);
    if (name.startsWith("#")) throw faultAt(place, `${name} is no block`);
    if (!blockNames.has(name)) {
      if (hasArguments) throw faultAt(place, `${String(node.path?.original)} is no block; the blocks are ${[...blockNames].join(", ")}`);
      return;
    }
    if ((node.params?.length ?? 0) === 0) throw faultAt(place, `#${name} needs a value, as in {{#${name} Values.items}}`);
    if ((node.params?.length ?? 0) > 1) throw faultAt(place, `#${name} takes one value; put a call in parentheses, as in {{#${name} (has "a" Values.items)}}`);
    const unread = node.hash?.pairs.find(({ key }) => blockMembers[name]?.includes(key) !== true);
    if (unread !== undefined) throw faultAt(place, `#${name} reads no ${unread.key}=`);
  }

  #raw(node: SyntaxNode): SyntaxNode {
    const contents = node.program?.body ?? [];
    const text = contents.map(({ value }) => String(value)).join("");
    const place = this.#place(node.loc);
    if (simpleName(node.path) !== rawBlock || (node.params?.length ?? 0) > 0) throw faultAt(place, `the only block with four braces is {{{{${rawBlock}}}}}`);
    if (hasSign(text)) throw faultAt(place, "the template holds one of the characters U+FDD0 to U+FDD3, which are reserved");
    const loc = contents[0]?.loc ?? node.loc;
    return { type: "MustacheStatement", loc, path: nameNode(internalHelpers.emitRaw, loc), params: [textNode(text, loc), textNode(this.#site(loc, [rawBlock]), loc)], escaped: false };
  }

  #partial(node: SyntaxNode): SyntaxNode {
    if (node.type === "PartialStatement" && node.name?.type !== "SubExpression" && node.name?.original !== "@partial-block") {
      this.partialCalls.push({ name: String(node.name?.original), place: this.#place(node.loc) });
    }
    return {
      ...node,
      ...(node.name?.type === "SubExpression" ? { name: this.#computedName(node.name) } : {}),
      params: (node.params ?? []).map((param) => this.#expression(param)),
      ...(node.hash === undefined ? {} : { hash: this.#hash(node.hash) }),
      ...(node.program === undefined ? {} : { program: this.#movable(node.program) }),
    };
  }

  /** What a partial or layout writes where it likes. */
  #movable(node: SyntaxNode): SyntaxNode {
    const outer = this.#isMovable;
    this.#isMovable = true;
    const program = this.program(node);
    this.#isMovable = outer;
    return program;
  }

  /** `{{> (lookup …)}}`: the name passes a helper that remembers where it was computed. */
  #computedName(name: SyntaxNode): SyntaxNode {
    return { type: "SubExpression", loc: name.loc, path: nameNode(internalHelpers.partial, name.loc), params: [this.#call(name), textNode(this.#site(name.loc, [this.#writtenPath(name)]), name.loc)] };
  }

  #decorator(node: SyntaxNode): SyntaxNode {
    const name = node.params?.[0]?.value;
    if (simpleName(node.path) !== "inline" || typeof name !== "string") throw faultAt(this.#place(node.loc), 'the only decorator is {{#*inline "name"}}');
    this.inlineNames.push(name);
    return { ...node, ...(node.program === undefined ? {} : { program: this.#movable(node.program) }) };
  }

  #place(loc: SyntaxLocation): Place {
    return { file: this.#file, line: loc.start.line, column: loc.start.column + 1 };
  }

  #site(loc: SyntaxLocation, texts: readonly string[]): string {
    return printSite(`${this.#file}:${loc.start.line}:${loc.start.column + 1}`, texts);
  }

  /** The first path in a call, which stands for it in messages; else the function's name. */
  #writtenPath(node: SyntaxNode): string {
    for (const param of node.params ?? []) {
      if (param.type === "PathExpression") return String(param.original);
      if (param.type === "SubExpression") return this.#writtenPath(param);
    }
    return String(node.path?.original ?? "");
  }
}

/** `{{"a b"}}` looks a member up by that name, as in Handlebars. */
function pathOfLiteral(path: SyntaxNode | undefined, loc: SyntaxLocation): SyntaxNode {
  if (path?.type === "PathExpression") return path;
  return nameNode(String(path?.original), loc);
}

function without(node: SyntaxNode, member: "hash"): SyntaxNode {
  const { [member]: _left, ...rest } = node;
  return rest;
}
