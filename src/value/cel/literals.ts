/**
 * Literals the package's grammar does not have: messages, `Object.spec{replicas: 3}`, and optional entries, `{?"a": b}` and `[?a]`. Its parser cannot be
 * extended, its macros can: such a literal is written as the call of one before it is parsed, and places in errors are told as they were written.
 *
 * @see cel-spec doc/langdef.md, "Aggregate literals"; cel-go parser/gen/CEL.g4
 */
export interface Rewritten {
  /** What the package can parse. */
  readonly text: string;
  /** The names of the messages that are made, each with the place of the first one. */
  readonly messages: ReadonlyMap<string, number>;
  /** The first key of a message that is no name: a call would take it. */
  readonly problem: { readonly start: number; readonly summary: string } | undefined;
  /** Where in the expression as written a place in the text is. */
  readonly placeOf: (position: number) => number;
}

/** The macros such literals become calls of. Nobody writes them: `findMacro` tells who does. */
export const literalMacros = { message: "cel_message", map: "cel_map", list: "cel_list", optional: "cel_optional" } as const;

/** A name one would have to write to call a macro that stands for a literal; undefined when there is none. */
export function findMacro(expression: string): { readonly name: string; readonly start: number } | undefined {
  const found = tokensOf(expression).find(({ kind, text }) => kind === "word" && macroNames.has(text));
  return found === undefined ? undefined : { name: found.text, start: found.start };
}

const macroNames: ReadonlySet<string> = new Set(Object.values(literalMacros));

/** Writes the literals of an expression as calls. What cannot be read is left as it is, for the parser to complain about. Pure. */
export function rewriteLiterals(expression: string): Rewritten {
  const draft = new Draft();
  for (const token of tokensOf(expression)) draft.take(token);
  return draft.finish();
}

interface Token {
  /** `gap` is space and comments. */
  readonly kind: "word" | "text" | "number" | "mark" | "gap";
  readonly text: string;
  readonly start: number;
}

/** One token after the other, as the package reads them; the last alternative takes what is none, so nothing is ever lost. A text of many lines that nobody ends is the rest, so that it is looked for once. */
const tokenPattern = new RegExp([
  String.raw`(?<gap>(?:\s|\/\/[^\n]*)+)`,
  String.raw`(?<text>[bBrR]?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|(?:"""|''')[^]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))`,
  String.raw`(?<number>\d[\w]*(?:\.\d\w*)?)`,
  String.raw`(?<word>[A-Za-z_]\w*)`,
  String.raw`(?<mark>[^])`,
].join("|"), "g");

function tokensOf(expression: string): readonly Token[] {
  return [...expression.matchAll(tokenPattern)].map(({ 0: text, index, groups = {} }) => {
    const kind = kinds.find((candidate) => groups[candidate] !== undefined) ?? "mark";
    return { kind, text, start: index };
  });
}

const kinds = ["gap", "text", "number", "word", "mark"] as const;

/** A part of the text: as written, or put in at a place. */
interface Piece {
  readonly text: string;
  readonly start: number;
  readonly isWritten: boolean;
}

/** A bracket that is open. */
interface Frame {
  readonly kind: "message" | "map" | "list" | "other";
  /** The piece before which a macro's name would stand. */
  readonly piece: number;
  readonly start: number;
  hasOptional: boolean;
  /** An entry begins: the next token is its key, or says that it is optional. */
  isAtEntry: boolean;
  /** The key of an optional entry is open. */
  isInOptional: boolean;
}

const macroOf = { message: literalMacros.message, map: literalMacros.map, list: literalMacros.list } as const;
const closing: ReadonlySet<string> = new Set([")", "]", "}"]);

class Draft {
  readonly #pieces: Piece[] = [];
  readonly #frames: Frame[] = [];
  readonly #messages = new Map<string, number>();
  /** The tokens of a name with dots, `Object.spec`, that may turn out to be that of a message; and the piece it begins with. */
  #path: { readonly names: readonly string[]; readonly start: number; readonly piece: number; readonly isOpen: boolean } | undefined;
  #before: Token | undefined;
  #problem: Rewritten["problem"];

  take(token: Token): void {
    if (token.kind === "gap") { this.#write(token); return; }
    const frame = this.#frames.at(-1);
    if (token.text === "{" || token.text === "[" || token.text === "(") this.#open(token, frame);
    else if (closing.has(token.text)) this.#close(token, frame);
    else if (frame !== undefined && this.#isOfEntry(token, frame)) this.#takeOfEntry(token, frame);
    else this.#write(token);
    this.#followPath(token);
    this.#before = token;
  }

  finish(): Rewritten {
    const starts: number[] = [];
    let text = "";
    for (const piece of this.#pieces) { starts.push(text.length); text += piece.text; }
    const pieces = this.#pieces;
    const placeOf = (position: number): number => {
      const at = starts.findLastIndex((start) => start <= position);
      const piece = pieces[at];
      return piece === undefined ? position : piece.start + (piece.isWritten ? position - (starts[at] ?? 0) : 0);
    };
    return { text, messages: this.#messages, problem: this.#problem, placeOf };
  }

  #write({ text, start }: Token): void {
    this.#pieces.push({ text, start, isWritten: true });
  }

  #put(text: string, start: number): void {
    this.#pieces.push({ text, start, isWritten: false });
  }

  #open(token: Token, frame: Frame | undefined): void {
    if (frame !== undefined) frame.isAtEntry = false;
    const path = this.#path;
    const isOperand = isOperandEnd(this.#before);
    const more = { start: token.start, hasOptional: false, isAtEntry: true, isInOptional: false };
    if (token.text === "{" && path !== undefined) {
      const name = path.names.join(".");
      if (!this.#messages.has(name)) this.#messages.set(name, path.start);
      // The name is the macro's first argument, what is in braces its second.
      this.#pieces.splice(path.piece, 0, { text: `${macroOf.message}(`, start: path.start, isWritten: false });
      this.#put(", ", token.start);
      this.#frames.push({ kind: "message", piece: path.piece, ...more });
    } else {
      const kind = token.text === "{" ? "map" : token.text === "[" && !isOperand ? "list" : "other";
      this.#frames.push({ kind, piece: this.#pieces.length, ...more });
    }
    this.#write(token);
  }

  #close(token: Token, frame: Frame | undefined): void {
    this.#frames.pop();
    if (frame !== undefined) this.#endOptional(frame, token);
    this.#write(token);
    if (frame?.kind === "message") this.#put(")", token.start);
    else if (frame !== undefined && frame.kind !== "other" && frame.hasOptional) {
      this.#pieces.splice(frame.piece, 0, { text: `${macroOf[frame.kind]}(`, start: frame.start, isWritten: false });
      this.#put(")", token.start);
    }
  }

  /** What begins or ends an entry, or its key. */
  #isOfEntry({ text }: Token, frame: Frame): boolean {
    if (frame.kind === "other") return false;
    return frame.isAtEntry || text === "," || (text === ":" && frame.isInOptional && frame.kind !== "list") || (frame.kind === "message" && frame.isInOptional);
  }

  #takeOfEntry(token: Token, frame: Frame): void {
    const { text, start } = token;
    if (text === ",") {
      this.#endOptional(frame, token);
      this.#write(token);
      frame.isAtEntry = true;
      return;
    }
    if (text === ":") {
      this.#endOptional(frame, token);
      this.#write(token);
      return;
    }
    if (frame.isAtEntry && text === "?") {
      frame.hasOptional = true;
      frame.isInOptional = true;
      frame.isAtEntry = false;
      this.#put(`${literalMacros.optional}(`, start);
      return;
    }
    frame.isAtEntry = false;
    // Reserved words are names here.
    if (frame.kind === "message" && isName(token)) { this.#put(JSON.stringify(text), start); return; }
    if (frame.kind === "message") this.#problem ??= { start, summary: `Syntax error: mismatched input '${text}' expecting IDENTIFIER` };
    this.#write(token);
  }

  #endOptional(frame: Frame, { start }: Token): void {
    if (!frame.isInOptional) return;
    frame.isInOptional = false;
    this.#put(")", start);
  }

  /** Keeps the name with dots that has just been read. */
  #followPath(token: Token): void {
    const { text, start } = token;
    const path = this.#path;
    if (isName(token) && path?.isOpen === true) this.#path = { ...path, names: [...path.names, text], isOpen: false };
    else if (isName(token) && this.#before?.text !== ".") this.#path = { names: [text], start, piece: this.#pieces.length - 1, isOpen: false };
    else if (text === "." && path?.isOpen === false) this.#path = { ...path, isOpen: true };
    else this.#path = undefined;
  }
}

/** Words that are no names. */
const words: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);

function isName({ kind, text }: Token): boolean {
  return kind === "word" && !words.has(text);
}

/** True for what an index in brackets may follow. */
function isOperandEnd(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.kind === "text" || (token.kind === "word" && token.text !== "in") || closing.has(token.text);
}
