import type { ValueRead } from "../engine.ts";
import type { Command, Operand, ParsedTemplate, Pipe, Statement } from "../template/syntax.ts";

/** Every place of a parsed template where a value is named. A value that is handed on whole counts as read whole. */
export function goReads({ file, text, body, defines }: ParsedTemplate): readonly ValueRead[] {
  const reads: ValueRead[] = [];
  const lines = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const add = (path: readonly string[], start: number): void => {
    const line = lines.findLastIndex((offset) => offset <= start);
    reads.push({ path, place: { file, line: line + 1, column: start - (lines[line] ?? 0) + 1 } });
  };
  const visitOperand = (operand: Operand): void => {
    if (operand.kind === "pipe") visitPipe(operand);
    if (operand.kind === "chain") visitOperand(operand.operand);
    const path = valuePath(operand);
    if (path !== undefined) add(path, operand.start);
  };
  const visitCommand = ({ operands }: Command): void => {
    const [head, first, ...keys] = operands;
    const from = first === undefined ? undefined : valuePath(first);
    if (first !== undefined && from !== undefined && isMemberFunction(head) && keys.every(({ kind }) => kind === "string")) {
      add([...from, ...keys.map((key) => (key.kind === "string" ? key.value : ""))], first.start);
      return;
    }
    for (const operand of operands) visitOperand(operand);
  };
  const visitPipe = ({ commands }: Pipe): void => {
    for (const command of commands) visitCommand(command);
  };
  const visit = (statement: Statement): void => {
    if ("pipe" in statement && statement.pipe !== undefined) visitPipe(statement.pipe);
    if (!("body" in statement)) return;
    for (const inner of [...statement.body, ...(statement.otherwise ?? [])]) visit(inner);
  };
  for (const statement of [...body, ...[...defines.values()].flat()]) visit(statement);
  return reads;
}

/** `index .Values "a-b"`. */
function isMemberFunction(head: Operand): boolean {
  return head.kind === "function" && (head.name === "index" || head.name === "get" || head.name === "hasKey");
}

/** `.Values.a.b`, `$.Values.a.b` and `.ctx.Values.a.b` name `a.b`; anything else nothing. */
function valuePath(operand: Operand): readonly string[] | undefined {
  if (operand.kind !== "field" && operand.kind !== "variable") return undefined;
  const at = operand.names.indexOf("Values");
  return at < 0 ? undefined : operand.names.slice(at + 1);
}
