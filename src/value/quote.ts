/** Quotes a text as Go's `%q` does: the form of every quoted value in Kubernetes' messages. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).replace(/\\u00([01][0-9a-f])/g, "\\x$1");
  return escaped.replaceAll("\u007f", "\\x7f");
}
