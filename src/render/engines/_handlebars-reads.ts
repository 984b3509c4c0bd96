import type { ValueRead } from "../engine.ts";
import type { SyntaxNode } from "./_syntax.ts";
import { simpleName } from "./_syntax.ts";

/** Functions whose first argument is a map and whose next ones are keys of it. */
const memberFunctions: ReadonlySet<string> = new Set(["index", "get", "hasKey", "lookup"]);

/** Every place of a parsed template where a value is named, in the order they stand. A value that is handed on whole counts as read whole. */
export function handlebarsReads(program: SyntaxNode, file: string): readonly ValueRead[] {
  const reads: ValueRead[] = [];
  const add = (node: SyntaxNode, path: readonly string[]): void => {
    reads.push({ path, place: { file, line: node.loc.start.line, column: node.loc.start.column + 1 } });
  };
  const visitCall = (node: SyntaxNode): void => {
    const [first, ...keys] = node.params ?? [];
    const from = first === undefined ? undefined : valuePath(first);
    if (first !== undefined && from !== undefined && memberFunctions.has(simpleName(node.path) ?? "") && keys.every(({ type }) => type === "StringLiteral")) {
      add(first, [...from, ...keys.map(({ value }) => String(value))]);
      return;
    }
    for (const param of node.params ?? []) visit(param);
  };
  const visit = (node: SyntaxNode): void => {
    const path = valuePath(node);
    if (path !== undefined) add(node, path);
    if (node.path !== undefined) visit(node.path);
    if (node.name !== undefined && typeof node.name === "object") visit(node.name);
    visitCall(node);
    for (const pair of node.hash?.pairs ?? []) visit(pair.value);
    for (const statement of node.body ?? []) visit(statement);
    if (node.program !== undefined) visit(node.program);
    if (node.inverse !== undefined) visit(node.inverse);
  };
  visit(program);
  return reads;
}

/** `Values.a.b`, `@root.Values.a.b` and `ctx.Values.a.b` name `a.b`; anything else nothing. */
function valuePath(node: SyntaxNode): readonly string[] | undefined {
  if (node.type !== "PathExpression") return undefined;
  const parts = node.parts ?? [];
  const at = parts.indexOf("Values");
  return at < 0 ? undefined : parts.slice(at + 1);
}
