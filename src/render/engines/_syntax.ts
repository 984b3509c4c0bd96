/** The parts of Handlebars' syntax tree that the rewriting reads and writes. */
export interface SyntaxNode {
  readonly type: string;
  readonly loc: SyntaxLocation;
  readonly path?: SyntaxNode;
  readonly params?: readonly SyntaxNode[];
  readonly hash?: SyntaxHash;
  readonly program?: SyntaxNode;
  readonly inverse?: SyntaxNode;
  readonly body?: readonly SyntaxNode[];
  readonly name?: SyntaxNode;
  readonly parts?: readonly string[];
  readonly data?: boolean;
  readonly depth?: number;
  readonly original?: string | number | boolean | null;
  readonly value?: string | number | boolean | null;
  readonly escaped?: boolean;
  readonly blockParams?: readonly string[];
  readonly openStrip?: { readonly open?: boolean };
}

export interface SyntaxLocation {
  readonly start: { readonly line: number; readonly column: number };
}

export interface SyntaxHash {
  readonly type: "Hash";
  readonly pairs: readonly { readonly type: "HashPair"; readonly key: string; readonly value: SyntaxNode; readonly loc: SyntaxLocation }[];
  readonly loc: SyntaxLocation;
}

/** A text literal. */
export function textNode(value: string, loc: SyntaxLocation): SyntaxNode {
  return { type: "StringLiteral", value, original: value, loc };
}

/** The name of a helper. */
export function nameNode(name: string, loc: SyntaxLocation): SyntaxNode {
  return { type: "PathExpression", data: false, depth: 0, parts: [name], original: name, loc };
}

/** The one name of a plain path (`quote`), or undefined for `a.b`, `../a`, `@a` and `this.a`. */
export function simpleName(path: SyntaxNode | undefined): string | undefined {
  if (path?.type !== "PathExpression" || path.data === true || path.depth !== 0 || path.parts?.length !== 1) return undefined;
  return path.original === path.parts[0] ? path.parts[0] : undefined;
}

/** True for `{{{{name}}}} … {{{{/name}}}}`, whose content the parser leaves as it is; only other blocks say whether they cut whitespace. */
export function isRawBlock(node: SyntaxNode): boolean {
  return node.openStrip !== undefined && node.openStrip.open === undefined;
}
