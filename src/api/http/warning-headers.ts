/** Letters of all warnings of one answer, upstream's bound: headers beyond what a client takes would lose it the answer. */
const lettersMax = 4_096;

/** Where warnings have more, each is cut after this many letters, and the last ones are left out. */
const lettersOfOneMax = 256;

/** Warnings as values of headers, each once. Pure. @see kubernetes apiserver pkg/endpoints/filters/warning.go */
export function printWarnings(texts: readonly string[]): readonly string[] {
  const all = new Set<string>();
  let letters = 0;
  for (const text of texts) {
    if (all.has(text)) continue;
    all.add(text);
    letters += text.length;
    if (letters > lettersMax) return cutWarnings(texts).map(printWarning);
  }
  return [...all].map(printWarning);
}

function cutWarnings(texts: readonly string[]): readonly string[] {
  const cut = new Set<string>();
  let letters = 0;
  for (const text of texts) {
    const short = text.slice(0, lettersOfOneMax);
    if (cut.has(short)) continue;
    if (letters >= lettersMax) break;
    cut.add(short);
    letters += short.length;
  }
  return [...cut];
}

/** A warning header: agent `-`, text as a quoted string without line breaks. @see RFC 7234 section 5.5 */
function printWarning(text: string): string {
  // Header values are Latin-1; what is beyond is left out rather than garbled.
  const plain = text.replace(/[\r\n\t]+ */g, " ").replace(/[^\u0020-\u007e]/g, "?");
  return `299 - "${plain.replace(/[\\"]/g, "\\$&")}"`;
}
