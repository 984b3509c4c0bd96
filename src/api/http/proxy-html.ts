/** The attributes that hold addresses, by element; those in style sheets and scripts are left to the page. */
const addressAttributes: Readonly<Record<string, ReadonlySet<string>>> = {
  a: new Set(["href"]), area: new Set(["href"]), base: new Set(["href"]), link: new Set(["href"]),
  audio: new Set(["src"]), embed: new Set(["src"]), script: new Set(["src"]), source: new Set(["src"]), video: new Set(["src", "poster"]),
  frame: new Set(["src", "longdesc"]), iframe: new Set(["src", "longdesc"]), img: new Set(["src", "longdesc", "usemap"]), input: new Set(["src", "formaction", "usemap"]),
  blockquote: new Set(["cite"]), del: new Set(["cite"]), ins: new Set(["cite"]), q: new Set(["cite"]),
  body: new Set(["background"]), button: new Set(["formaction"]), form: new Set(["action"]), head: new Set(["profile"]), html: new Set(["manifest"]),
  object: new Set(["data", "classid", "codebase", "usemap"]),
};

/** Elements whose content is text and no markup (HTML, 13.2.5 Tokenization). */
const textElements: ReadonlySet<string> = new Set(["script", "style", "textarea", "title", "xmp", "noembed", "noframes"]);

/** What is not whole after this many characters passes as it is: such tags have a picture in an attribute, or never end. It bounds what is looked at anew with each piece. */
const tokenMax = 16_384;

const tagPattern = /^<([A-Za-z][^\s/>]*)/;
/** A whole tag: a `>` within quotes does not end it. */
const wholeTagPattern = /^<\/?[A-Za-z](?:[^>"']|"[^"]*"|'[^']*')*>/;
const attributePattern = /([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)/g;

/** Rewrites the addresses of a page that comes in pieces: what is no address passes byte for byte. */
export class HtmlAddresses {
  readonly #rewrite: (address: string) => string;
  #rest = "";
  /** The element whose end is waited for; undefined within markup. */
  #textOf: string | undefined;

  constructor(rewrite: (address: string) => string) {
    this.#rewrite = rewrite;
  }

  /** What of the page is certain once this piece is there. */
  take(piece: string): string {
    this.#rest += piece;
    return this.#certain(false);
  }

  /** The rest of the page. */
  end(): string {
    return this.#certain(true);
  }

  #certain(isLast: boolean): string {
    let said = "";
    let from = 0;
    while (from < this.#rest.length) {
      const start = this.#rest.indexOf("<", from);
      if (start < 0) break;
      const end = this.#endOf(start);
      said += this.#rest.slice(from, start);
      from = start;
      if (end === undefined) {
        if (!isLast && this.#rest.length - start < tokenMax) {
          this.#rest = this.#rest.slice(start);
          return said;
        }
        from = isLast ? this.#rest.length : start + tokenMax;
        said += this.#rest.slice(start, from);
      } else {
        said += this.#token(this.#rest.slice(start, end));
        from = end;
      }
    }
    said += this.#rest.slice(from);
    this.#rest = "";
    return said;
  }

  /** Where what begins at a `<` ends; the next character where it is only text; undefined while it is not all there. */
  #endOf(start: number): number | undefined {
    const text = this.#rest;
    if (this.#textOf !== undefined) {
      const wanted = `</${this.#textOf}`;
      const found = text.slice(start, start + wanted.length).toLowerCase();
      if (found === wanted) return start + wanted.length;
      return wanted.startsWith(found) ? undefined : start + 1;
    }
    const next = text[start + 1];
    if (next === undefined) return undefined;
    if (next === "!" || next === "?") {
      if ("<!--".startsWith(text.slice(start, start + 4)) && text.length < start + 4) return undefined;
      const mark = text.startsWith("<!--", start) ? "-->" : ">";
      const at = text.indexOf(mark, start + 2);
      return at < 0 ? undefined : at + mark.length;
    }
    if (!/[A-Za-z/]/.test(next)) return start + 1;
    if (next === "/" && text[start + 2] !== undefined && !/[A-Za-z]/.test(text[start + 2] ?? "")) return start + 1;
    const whole = wholeTagPattern.exec(text.slice(start, start + tokenMax));
    return whole === null ? undefined : start + whole[0].length;
  }

  #token(token: string): string {
    if (this.#textOf !== undefined) {
      if (token.length > 1) this.#textOf = undefined;
      return token;
    }
    const name = tagPattern.exec(token)?.[1]?.toLowerCase();
    if (name === undefined) return token;
    if (textElements.has(name)) this.#textOf = name;
    const known = addressAttributes[name];
    if (known === undefined) return token;
    const head = token.slice(0, name.length + 1);
    return head + token.slice(head.length).replace(attributePattern, (whole, attribute: string, equals: string, value: string) => (known.has(attribute.toLowerCase()) ? `${attribute}${equals}${this.#quoted(value)}` : whole));
  }

  #quoted(value: string): string {
    const quote = value.startsWith('"') || value.startsWith("'") ? value.slice(0, 1) : "";
    return `${quote}${this.#rewrite(quote === "" ? value : value.slice(1, -1))}${quote}`;
  }
}
