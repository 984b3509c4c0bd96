/**
 * Replaces `$(NAME)` by its value; `$$` is one `$`; an unknown name stays as written.
 *
 * @see kubernetes third_party/forked/golang/expansion
 */
export function expandReferences(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/gu, (whole: string, name: string | undefined) => {
    if (name === undefined) return "$";
    return valueOf(name) ?? whole;
  });
}
