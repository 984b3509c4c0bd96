import { lexTemplate } from "./lexer.ts";
import type { Token, TokenKind } from "./lexer.ts";
import { parseCharConstant, parseNumber, unquote } from "./literals.ts";
import { isEmptyBody } from "./syntax.ts";
import type { Command, Operand, ParsedTemplate, Pipe, Statement } from "./syntax.ts";
import { TemplateSyntaxError } from "./template-error.ts";

/** How a list of steps ended. */
interface Block {
  readonly body: readonly Statement[];
  /** The action that ended it, or undefined at the end of the text. */
  readonly ending: "end" | "else" | undefined;
}

/** Deepest nesting of parentheses and blocks: the parser is recursive. */
const nestingMax = 500;

/**
 * Parses a Go template. `hasFunction` tells which functions there are; an unknown one is an error here, as in Go. Throws TemplateSyntaxError.
 * @see https://pkg.go.dev/text/template
 */
export function parseTemplate(file: string, text: string, hasFunction: (name: string) => boolean): ParsedTemplate {
  return new Parser(text, hasFunction).parse(file);
}

class Parser {
  readonly #text: string;
  readonly #hasFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  readonly #defines = new Map<string, readonly Statement[]>();
  #at = 0;
  #depth = 0;
  #rangeDepth = 0;
  #variables: string[] = ["$"];

  constructor(text: string, hasFunction: (name: string) => boolean) {
    this.#text = text;
    this.#hasFunction = hasFunction;
    this.#tokens = lexTemplate(text);
  }

  parse(file: string): ParsedTemplate {
    const { body, ending } = this.#statements(true);
    if (ending !== undefined) this.#fail(`unexpected {{${ending}}}`, this.#peek());
    return { file, text: this.#text, body, defines: this.#defines };
  }

  #statements(isTop = false): Block {
    if (++this.#depth > nestingMax) this.#fail(`blocks are nested more than ${nestingMax} deep`, this.#peek());
    const body: Statement[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") {
        if (!isTop) this.#fail("unexpected EOF", token);
        return { body, ending: undefined };
      }
      if (token.kind === "text") {
        body.push({ kind: "text", text: token.text, start: token.start, end: token.start + token.text.length });
        continue;
      }
      const statement = this.#action(token, isTop);
      if (statement === "end" || statement === "else") {
        this.#depth--;
        return { body, ending: statement };
      }
      if (statement !== undefined) body.push(statement);
    }
  }

  /** What stands after `{{`. */
  #action(open: Token, isTop: boolean): Statement | "end" | "else" | undefined {
    const token = this.#nextOperand();
    const start = token.start;
    if (token.kind === "identifier") {
      switch (token.text) {
        case "end": this.#expectClose("end"); return "end";
        case "else": return "else";
        case "if": case "with": case "range": return this.#control(token.text, start);
        case "define":
          if (!isTop) break;
          this.#define();
          return undefined;
        case "block": return this.#block(start);
        case "template": return this.#template(start);
        case "break": case "continue": return this.#loopStep(token);
        default:
      }
    }
    this.#at--;
    if (token.kind === "close") this.#fail("missing value for command", open);
    const pipe = this.#pipe("command", "close");
    return { kind: "action", pipe, start, end: pipe.end };
  }

  #loopStep(token: Token): Statement | undefined {
    const kind = token.text === "break" ? "break" : "continue";
    const following = this.#nextOperand();
    // A function may be called break.
    if (following.kind !== "close") this.#fail(`unexpected ${describe(following)} in {{${kind}}}`, following);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`, token);
    return { kind, start: token.start, end: token.start + kind.length };
  }

  #control(kind: "if" | "with" | "range", start: number): Statement {
    const known = this.#variables.length;
    const pipe = this.#pipe(kind, "close");
    if (kind === "range") this.#rangeDepth++;
    const { body, ending } = this.#statements();
    if (kind === "range") this.#rangeDepth--;
    const otherwise = ending === "else" ? this.#otherwise(kind) : undefined;
    this.#variables.length = known;
    return { kind, pipe, body, otherwise, start, end: pipe.end };
  }

  /** The steps after `{{else}}`; `{{else if}}` and `{{else with}}` hold one step that ends with the outer one. */
  #otherwise(kind: "if" | "with" | "range"): readonly Statement[] {
    const token = this.#nextOperand();
    if (token.kind === "identifier" && token.text === kind && kind !== "range") return [this.#control(kind, token.start)];
    if (token.kind !== "close") this.#fail(`unexpected ${describe(token)} in input`, token);
    const { body, ending } = this.#statements();
    if (ending !== "end") this.#fail("expected end; found {{else}}", this.#peek());
    return body;
  }

  #define(): void {
    const name = this.#templateName("define clause");
    this.#expectClose("define clause");
    this.#body(name);
  }

  #block(start: number): Statement {
    const name = this.#templateName("block clause");
    const pipe = this.#pipe("block clause", "close");
    this.#body(name);
    return { kind: "template", name, pipe, start, end: pipe.end };
  }

  /** Reads a definition's steps: a text of its own, in which only `$` is known. */
  #body(name: string): void {
    const outer = { variables: this.#variables, rangeDepth: this.#rangeDepth };
    this.#variables = ["$"];
    this.#rangeDepth = 0;
    const { body, ending } = this.#statements();
    if (ending === "else") this.#fail("unexpected {{else}} in define clause", this.#peek());
    this.#variables = outer.variables;
    this.#rangeDepth = outer.rangeDepth;
    const known = this.#defines.get(name);
    if (known === undefined || isEmptyBody(known)) this.#defines.set(name, body);
    else if (!isEmptyBody(body)) this.#fail(`multiple definition of template ${JSON.stringify(name)}`, this.#peek());
  }

  #template(start: number): Statement {
    const name = this.#templateName("template clause");
    const following = this.#nextOperand();
    if (following.kind === "close") return { kind: "template", name, pipe: undefined, start, end: following.start };
    this.#at--;
    const pipe = this.#pipe("template clause", "close");
    return { kind: "template", name, pipe, start, end: pipe.end };
  }

  #templateName(context: string): string {
    const token = this.#nextOperand();
    if (token.kind !== "string") this.#fail(`unexpected ${describe(token)} in ${context}`, token);
    return unquote(token);
  }

  #pipe(context: string, ending: "close" | ")"): Pipe {
    if (++this.#depth > nestingMax) this.#fail(`expressions are nested more than ${nestingMax} deep`, this.#peek());
    const start = this.#nextOperand().start;
    this.#at--;
    const { variables, isAssignment } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#nextOperand();
      if (token.kind === ending) {
        this.#checkPipe(commands, context, token);
        this.#depth--;
        return { kind: "pipe", variables, isAssignment, commands, start, end: commands.at(-1)?.end ?? token.start };
      }
      if (!startsOperand(token)) this.#fail(`unexpected ${describe(token)} in ${context}`, token);
      this.#at--;
      commands.push(this.#command());
    }
  }

  #checkPipe(commands: readonly Command[], context: string, token: Token): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`, token);
    for (const { operands: [first] } of commands.slice(1)) {
      if (["bool", "dot", "nil", "int", "float", "string"].includes(first.kind)) throw new TemplateSyntaxError(`non executable command in pipeline stage ${commands.findIndex((command) => command.operands[0] === first) + 1}`, first.start);
    }
  }

  /** `$x :=`, `$x =`, or in a range `$i, $x :=`. */
  #declarations(context: string): { readonly variables: readonly string[]; readonly isAssignment: boolean } {
    const begin = this.#at;
    const variables: string[] = [];
    for (;;) {
      const token = this.#nextOperand();
      if (token.kind !== "variable") break;
      const sign = this.#nextOperand();
      if (sign.kind === ":=" || sign.kind === "=") {
        variables.push(token.text);
        if (sign.kind === "=") for (const name of variables) this.#known(name, token);
        else this.#variables.push(...variables);
        return { variables, isAssignment: sign.kind === "=" };
      }
      if (sign.kind !== "," || context !== "range" || variables.length > 0) {
        if (sign.kind === ",") this.#fail(`too many declarations in ${context}`, sign);
        break;
      }
      variables.push(token.text);
    }
    if (variables.length > 0) this.#fail("range can only initialize variables", this.#peek());
    this.#at = begin;
    return { variables: [], isAssignment: false };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#next();
      if (token.kind === "space") continue;
      if (token.kind === "close" || token.kind === ")") this.#at--;
      else if (token.kind !== "|") this.#fail(`unexpected ${describe(token)} in operand`, token);
      break;
    }
    const [first, ...others] = operands;
    if (first === undefined) return this.#fail("empty command", this.#peek());
    return { operands: [first, ...others], start: first.start, end: others.at(-1)?.end ?? first.end };
  }

  /** A term and the fields that follow it at once. */
  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined) return undefined;
    const names: string[] = [];
    let end = term.end;
    while (this.#peek().kind === "field") {
      const token = this.#next();
      names.push(token.text.slice(1));
      end = token.start + token.text.length;
    }
    if (names.length === 0) return term;
    if (term.kind === "field" || term.kind === "variable") return { ...term, names: [...term.names, ...names], end };
    if (term.kind === "pipe" || term.kind === "function" || term.kind === "chain") return { kind: "chain", operand: term, names, start: term.start, end };
    return this.#fail(`unexpected . after term ${JSON.stringify(this.#text.slice(term.start, term.end))}`, this.#peek());
  }

  #term(): Operand | undefined {
    const token = this.#next();
    const span = { start: token.start, end: token.start + token.text.length };
    if (token.kind === "identifier") return this.#identifier(token);
    if (token.kind === "dot") return { kind: "dot", ...span };
    if (token.kind === "field") return { kind: "field", names: [token.text.slice(1)], ...span };
    if (token.kind === "string") return { kind: "string", value: unquote(token), ...span };
    if (token.kind === "char-constant") return { kind: "int", value: parseCharConstant(token), isOverflow: false, ...span };
    if (token.kind === "number") return { ...parseNumber(token), ...span };
    if (token.kind === "variable") {
      this.#known(token.text, token);
      return { kind: "variable", name: token.text, names: [], ...span };
    }
    if (token.kind === "(") {
      const pipe = this.#pipe("parenthesized pipeline", ")");
      return { ...pipe, start: token.start, end: pipe.end + 1 };
    }
    this.#at--;
    return undefined;
  }

  #identifier({ text, start }: Token): Operand {
    const span = { start, end: start + text.length };
    if (text === "true" || text === "false") return { kind: "bool", value: text === "true", ...span };
    if (text === "nil") return { kind: "nil", ...span };
    if (!this.#hasFunction(text)) throw new TemplateSyntaxError(`function ${JSON.stringify(text)} not defined`, start);
    return { kind: "function", name: text, ...span };
  }

  #known(name: string, token: Token): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${JSON.stringify(name)}`, token);
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] ?? { kind: "end", text: "", start: this.#text.length };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #skipSpace(): void {
    while (this.#peek().kind === "space") this.#at++;
  }

  #nextOperand(): Token {
    this.#skipSpace();
    return this.#next();
  }

  #expectClose(context: string): void {
    const token = this.#nextOperand();
    if (token.kind !== "close") this.#fail(`unexpected ${describe(token)} in ${context}`, token);
  }

  #fail(message: string, token: Token): never {
    throw new TemplateSyntaxError(message, token.start);
  }
}

const keywords: ReadonlySet<string> = new Set(["block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"]);

const operandStarts: ReadonlySet<TokenKind> = new Set(["identifier", "field", "variable", "dot", "string", "char-constant", "number", "("]);

function startsOperand(token: Token): boolean {
  return operandStarts.has(token.kind) && !(token.kind === "identifier" && keywords.has(token.text) && token.text !== "nil");
}

/** Longest token text in a message. */
const shownLengthMax = 10;

function describe(token: Token): string {
  if (token.kind === "end") return "EOF";
  if (token.kind === "dot" || (token.kind === "identifier" && keywords.has(token.text))) return `<${token.text}>`;
  return token.text.length > shownLengthMax ? `${JSON.stringify(token.text.slice(0, shownLengthMax))}...` : JSON.stringify(token.text);
}
