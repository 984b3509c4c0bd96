/** A template text, its name in messages, and where a parsed part begins and ends in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One step of a template. */
export type Statement =
  | (Span & { readonly kind: "text"; readonly text: string })
  | (Span & { readonly kind: "action"; readonly pipe: Pipe })
  | (Span & { readonly kind: "if" | "with" | "range"; readonly pipe: Pipe; readonly body: readonly Statement[]; readonly otherwise: readonly Statement[] | undefined })
  | (Span & { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined })
  | (Span & { readonly kind: "break" | "continue" });

/** `$a, $b := x | f y`. */
export interface Pipe extends Span {
  readonly kind: "pipe";
  readonly variables: readonly string[];
  /** `=` rather than `:=`. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** A function or method with arguments, or one value. */
export interface Command extends Span {
  readonly operands: readonly [Operand, ...Operand[]];
}

/** Anything that stands as an argument. */
export type Operand =
  | Pipe
  | (Span & { readonly kind: "function"; readonly name: string })
  | (Span & { readonly kind: "dot" })
  | (Span & { readonly kind: "nil" })
  | (Span & { readonly kind: "bool"; readonly value: boolean })
  | (Span & { readonly kind: "string"; readonly value: string })
  | (Span & { readonly kind: "int"; readonly value: bigint; readonly isOverflow: boolean })
  | (Span & { readonly kind: "float"; readonly value: number })
  /** `.a.b`. */
  | (Span & { readonly kind: "field"; readonly names: readonly string[] })
  /** `$x.a.b`. */
  | (Span & { readonly kind: "variable"; readonly name: string; readonly names: readonly string[] })
  /** `(pipe).a.b`. */
  | (Span & { readonly kind: "chain"; readonly operand: Operand; readonly names: readonly string[] });

/** One parsed text: its own steps and what it defines. */
export interface ParsedTemplate {
  readonly file: string;
  readonly text: string;
  readonly body: readonly Statement[];
  readonly defines: ReadonlyMap<string, readonly Statement[]>;
}

/** True for steps that write nothing and do nothing: Go lets such a definition never replace another. */
export function isEmptyBody(body: readonly Statement[]): boolean {
  return body.every((statement) => statement.kind === "text" && statement.text.trim() === "");
}

/** True for steps whose text, if they write any, begins on a line of its own. */
export function beginsLine([first]: readonly Statement[]): boolean {
  return first?.kind === "text" && /^[ \t]*\n/.test(first.text);
}

/** Names of the variables that steps may set, `$x = …`. */
export function assignedVariables(body: readonly Statement[]): readonly string[] {
  return body.flatMap((statement): readonly string[] => {
    if (statement.kind === "action") return statement.pipe.isAssignment ? statement.pipe.variables : [];
    if (statement.kind !== "if" && statement.kind !== "with" && statement.kind !== "range") return [];
    return [...(statement.pipe.isAssignment ? statement.pipe.variables : []), ...assignedVariables(statement.body), ...assignedVariables(statement.otherwise ?? [])];
  });
}
