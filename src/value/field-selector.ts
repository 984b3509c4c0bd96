import { ValueError } from "./value-error.ts";

export interface FieldTerm {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Terms that must all hold; none selects everything. */
export type FieldSelectorTerms = readonly FieldTerm[];

/** Reads a field selector: `metadata.name=x,status.phase!=Running`. Spaces count; `\`, `,` and `=` in a value are escaped by `\`. Throws ValueError with Kubernetes' text. */
export function parseFieldSelector(text: string): FieldSelectorTerms {
  return splitTerms(text).filter((term) => term !== "").map((term) => {
    const found = /^((?:(?!!=|=)[^\\]|\\[^])*?)(!=|==|=)([^]*)$/.exec(term);
    if (found === null) throw new ValueError("syntax", `invalid selector: '${text}'; can't understand '${term}'`);
    return { field: found[1] ?? "", operator: found[2] === "!=" ? "!=" : "=", value: unescapeValue(found[3] ?? "") };
  });
}

/** The text `parseFieldSelector` reads back. */
export function printFieldSelector(terms: FieldSelectorTerms): string {
  return terms.map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, "\\$&")}`).join(",");
}

/** True when `read` answers what every term asks for; an absent field reads as "". */
export function matchesFieldSelector(terms: FieldSelectorTerms, read: (field: string) => string): boolean {
  return terms.every(({ field, operator, value }) => (read(field) === value) === (operator === "="));
}

function splitTerms(text: string): readonly string[] {
  const terms: string[] = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ",") {
      terms.push("");
      continue;
    }
    const part = text[i] === "\\" ? text.slice(i, i + 2) : text.slice(i, i + 1);
    terms.push((terms.pop() ?? "") + part);
    i += part.length - 1;
  }
  return terms;
}

function unescapeValue(text: string): string {
  let value = "";
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? "";
    if (letter === "=" || letter === ",") throw new ValueError("syntax", `invalid field selector: unescaped character in value: ${letter.codePointAt(0)}`);
    if (letter !== "\\") {
      value += letter;
      continue;
    }
    const escaped = text[++i] ?? "";
    if (!["\\", ",", "="].includes(escaped)) throw new ValueError("syntax", `invalid field selector: invalid escape sequence: \\${escaped}`);
    value += escaped;
  }
  return value;
}
