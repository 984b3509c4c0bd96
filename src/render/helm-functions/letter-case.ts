/** Kinds of signs that words are cut at. */
type SignKind = "upper" | "lower" | "digit" | "separator" | "other";

function kindOf(sign: string): SignKind {
  if (/\p{Lu}/u.test(sign)) return "upper";
  if (/\p{Ll}|\p{L}/u.test(sign)) return "lower";
  if (/\p{Nd}/u.test(sign)) return "digit";
  return /[\s_-]/.test(sign) ? "separator" : "other";
}

/**
 * `HTTPServer2xx` as `http_server_2xx`: words end where the letter case or a separator says so; digits belong to the word behind them, unless a capital follows.
 */
export function toSeparatedCase(text: string, separator: string): string {
  const signs = Array.from(text);
  const lead = /^[\s_-]*/.exec(text)?.[0] ?? "";
  const trail = lead.length === text.length ? "" : (/[\s_-]*$/.exec(text)?.[0] ?? "");
  const words: string[] = [];
  let word = "";
  const close = (): void => {
    if (word !== "") words.push(word.toLowerCase());
    word = "";
  };
  for (const [index, sign] of signs.entries()) {
    const kind = kindOf(sign);
    if (kind === "separator") {
      close();
      continue;
    }
    if (word !== "" && isBoundary(signs, index)) close();
    word += sign;
  }
  close();
  return separator.repeat(lead.length) + words.join(separator) + separator.repeat(trail.length);
}

function isBoundary(signs: readonly string[], index: number): boolean {
  const before = kindOf(signs[index - 1] ?? " ");
  const here = kindOf(signs[index] ?? " ");
  const after = kindOf(signs[index + 1] ?? " ");
  if (here === "upper") return before === "lower" || before === "digit" || (before === "upper" && after === "lower");
  if (here !== "digit" || before === "digit") return false;
  // Digits open a word, unless a capital or nothing follows them.
  let end = index;
  while (kindOf(signs[end] ?? " ") === "digit") end++;
  return kindOf(signs[end] ?? " ") === "lower";
}

/** `some_words` as `SomeWords`; separators at the edges stay. */
export function toCamelCase(text: string): string {
  const lead = /^[\s_-]*/.exec(text)?.[0] ?? "";
  if (lead.length === text.length) return text;
  const trail = /[\s_-]*$/.exec(text)?.[0] ?? "";
  const inner = text.slice(lead.length, text.length - trail.length);
  const words = inner.split(/[\s_-]/);
  return lead + words.map((word) => (word === "" ? "_" : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())).join("") + trail;
}
