import { parseYamlDocuments } from "../../value/yaml.ts";
import { Block } from "../text.ts";
import { isList, isMap } from "../template/value.ts";
import { untraced } from "./traced.ts";
import type { GoValue } from "../template/value.ts";

/**
 * The YAML or JSON that `value` was printed as, with a mark before every scalar and `outer` around them. What a printer folds or quotes does not
 * matter: its text is read again to find where each scalar stands. Undefined when the text does not read as the value.
 */
export function markedText(text: string, value: GoValue, { outer, markOf }: { readonly outer: string; readonly markOf: (leaf: GoValue) => string }): Block | undefined {
  let scalars;
  try {
    scalars = parseYamlDocuments(text)[0]?.scalars() ?? [];
  } catch {
    return undefined;
  }
  const parts = [outer];
  let from = 0;
  for (const { path, start, end } of scalars) {
    if (start < from || end === start) continue;
    parts.push(text.slice(from, start), markOf(path.reduce<GoValue>(memberOf, value)), text.slice(start, end), ...(end < text.length ? [outer] : []));
    from = end;
  }
  parts.push(text.slice(from));
  return new Block(parts.join(""));
}

function memberOf(value: GoValue, part: string | number): GoValue {
  const own = untraced(value);
  if (isList(own)) return own[Number(part)];
  return isMap(own) ? own[part] : undefined;
}
