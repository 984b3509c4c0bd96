import { packOrigins } from "./origins/origin-log.ts";
import { keptOriginsMaxLength } from "./limits.ts";
import type { RenderRequest, RenderResult } from "./render.ts";
import { renderTree } from "./render-tree.ts";

/** Renders; when the request says so, with what tells later where every scalar came from, in the form it is kept in. */
export function renderPacked(request: RenderRequest, begin?: (file: string) => void): RenderResult {
  const { log, ...result } = renderTree(request, begin);
  if (log === undefined || result.kind === "failed") return result;
  const length = log.texts.reduce((sum, { text, plainValues }) => sum + (plainValues === undefined ? 0 : text.length), 0);
  return length > keptOriginsMaxLength ? result : { ...result, kept: packOrigins(log) };
}
