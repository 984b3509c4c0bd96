import { TemplateSyntaxError } from "./template-error.ts";

/** Kinds of tokens. A `char` is any other printable sign, which the parser refuses by name. */
export type TokenKind =
  | "text" | "open" | "close" | "space" | "identifier" | "field" | "variable" | "dot" | "string" | "char-constant" | "number"
  | "(" | ")" | "|" | "=" | ":=" | "," | "char" | "end";

/** One token; `start` counts UTF-16 units from the beginning of the text. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
}

/** The last blank before `-}}` belongs to the end of the action. */
const space = /[ \t\r\n]+?(?=[ \t\r\n]-\}\}|[^ \t\r\n]|$)/y;
const closing = /(?:[ \t\r\n]-)?\}\}/y;
const name = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const field = /\.[\p{L}_][\p{L}\p{Nd}_]*/uy;
const variable = /\$[\p{L}\p{Nd}_]*/uy;
const number = /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]+)?|0[oO][0-7_]+|0[bB][01_]+|(?:\.?[0-9][0-9_]*\.?[0-9_]*)(?:[eE][+-]?[0-9_]+)?)i?/y;
const quoted = /"(?:\\[^\n]|[^"\\\n])*"/y;
const raw = /`[^`]*`/y;
const charConstant = /'(?:\\[^\n]|[^'\\\n])+'/y;
const trailingSpace = /[ \t\r\n]+$/;
const leadingSpace = /[ \t\r\n]*/y;
/** What may follow a name, as Go's `atTerminator`. */
const terminator = /[ \t\r\n.,|:()=]|\}\}|$/y;

/** Cuts a template into tokens; comments are gone and whitespace is trimmed already. Throws TemplateSyntaxError. */
export function lexTemplate(text: string): readonly Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    let trimNext = false;
    for (;;) {
      if (trimNext) this.#at += this.#match(leadingSpace)?.length ?? 0;
      const open = this.#text.indexOf("{{", this.#at);
      const end = open < 0 ? this.#text.length : open;
      const trims = open >= 0 && /^-[ \t\r\n]/.test(this.#text.slice(open + 2, open + 4));
      let literal = this.#text.slice(this.#at, end);
      if (trims) literal = literal.replace(trailingSpace, "");
      if (literal !== "") this.#push("text", literal, this.#at);
      if (open < 0) break;
      this.#at = open + (trims ? 3 : 2);
      const afterTrim = trims ? this.#at + (this.#match(leadingSpace)?.length ?? 0) : this.#at;
      trimNext = this.#text.startsWith("/*", afterTrim) ? this.#comment(afterTrim) : this.#action(open);
    }
    this.#push("end", "", this.#text.length);
    return this.#tokens;
  }

  /** Passes over a comment; true when its end trims. */
  #comment(start: number): boolean {
    const end = this.#text.indexOf("*/", start);
    if (end < 0) throw new TemplateSyntaxError("unclosed comment", start);
    this.#at = end + 2;
    const close = this.#match(closing);
    if (close === undefined) throw new TemplateSyntaxError("comment ends before closing delimiter", start);
    this.#at += close.length;
    return close.length > 2;
  }

  /** Reads the tokens of one action; true when its end trims. */
  #action(open: number): boolean {
    this.#push("open", "{{", open);
    let depth = 0;
    for (;;) {
      const close = this.#match(closing);
      if (close !== undefined) {
        if (depth > 0) throw new TemplateSyntaxError("unclosed left paren", this.#at);
        this.#push("close", close, this.#at);
        this.#at += close.length;
        return close.length > 2;
      }
      if (this.#at >= this.#text.length) throw new TemplateSyntaxError("unclosed action", open);
      const token = this.#next();
      if (token.kind === "(") depth++;
      if (token.kind === ")" && --depth < 0) throw new TemplateSyntaxError("unexpected right paren", token.start);
      this.#tokens.push(token);
      this.#at = token.start + token.text.length;
    }
  }

  #next(): Token {
    const start = this.#at;
    const first = this.#text.charAt(start);
    const token = (kind: TokenKind, text: string | undefined): Token | undefined => (text === undefined ? undefined : { kind, text, start });
    switch (first) {
      case " ": case "\t": case "\r": case "\n": return { kind: "space", text: this.#match(space) ?? " ", start };
      case "(": case ")": case "|": case "=": case ",": return { kind: first, text: first, start };
      case ":":
        if (this.#text.charAt(start + 1) !== "=") throw new TemplateSyntaxError("expected :=", start);
        return { kind: ":=", text: ":=", start };
      case "\"": return token("string", this.#match(quoted)) ?? this.#fail("unterminated quoted string");
      case "`": return token("string", this.#match(raw)) ?? this.#fail("unterminated raw quoted string");
      case "'": return token("char-constant", this.#match(charConstant)) ?? this.#fail("unterminated character constant");
      case "$": return this.#terminated("variable", this.#match(variable) ?? "$");
      default:
    }
    if (first === "." && !/[0-9]/.test(this.#text.charAt(start + 1))) {
      const text = this.#match(field);
      return text === undefined ? { kind: "dot", text: ".", start } : this.#terminated("field", text);
    }
    if (/[-+.0-9]/.test(first)) return token("number", this.#number()) ?? this.#fail(this.#badNumber());
    const identifier = this.#match(name);
    if (identifier !== undefined) return this.#terminated("identifier", identifier);
    return /[ -~]/.test(first) ? { kind: "char", text: first, start } : this.#fail(`unrecognized character in action: ${codePoint(this.#text, start)}`);
  }

  /** A number that no letter or digit follows. */
  #number(): string | undefined {
    const text = this.#match(number);
    if (text === undefined || /[\p{L}\p{Nd}_]/u.test(this.#text.charAt(this.#at + text.length))) return undefined;
    return text;
  }

  #badNumber(): string {
    const text = this.#match(number);
    const sign = this.#text.charAt(this.#at);
    return text === undefined ? `illegal number syntax: ${JSON.stringify(sign)}` : `bad number syntax: ${JSON.stringify(this.#text.slice(this.#at, this.#at + text.length + 1))}`;
  }

  #terminated(kind: TokenKind, text: string): Token {
    const end = this.#at + text.length;
    terminator.lastIndex = end;
    if (!terminator.test(this.#text)) throw new TemplateSyntaxError(`bad character ${codePoint(this.#text, end)} '${this.#text.charAt(end)}'`, end);
    return { kind, text, start: this.#at };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #push(kind: TokenKind, text: string, start: number): void {
    this.#tokens.push({ kind, text, start });
  }

  #fail(message: string): never {
    throw new TemplateSyntaxError(message, this.#at);
  }
}

/** `U+002D`. */
function codePoint(text: string, at: number): string {
  return `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
