import { ApiError } from "../../model/api-error.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { printYaml } from "../../value/print-yaml.ts";

/** A body and the lines on which a key stands again; the last one counts. */
export interface YamlBody {
  readonly value: Json;
  readonly repeated: readonly { readonly key: string; readonly line: number }[];
}

/** Parses the first document of a YAML body; the parser is loaded at its first use. Throws BadRequest with line and column. */
export async function parseYamlBody(text: string): Promise<YamlBody> {
  const { parseYamlDocuments, YamlError } = await import("../../value/yaml.ts");
  try {
    return parseYamlDocuments(text, "body", { allowsDuplicateKeys: true })[0] ?? { value: null, repeated: [] };
  } catch (error) {
    if (error instanceof YamlError) throw new ApiError("BadRequest", `the body of the request is not YAML: ${error.message}`);
    throw error;
  }
}

/** Lists longer than this are written as JSON, which is YAML too: blocks take several times as long, and nobody reads that far. */
const blockItemsMax = 20;

/** A value as YAML in blocks, its members in order; a long list is JSON over several lines, which every YAML parser reads as the same value. */
export function printYamlBody(value: Json): string {
  const items = isJsonObject(value) ? value["items"] ?? value["rows"] : undefined;
  if (Array.isArray(items) && items.length > blockItemsMax) return `${JSON.stringify(value, null, 2)}\n`;
  return printYaml(value, { isSorted: true });
}
