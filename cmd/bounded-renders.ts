import { BoundError, parseBounds } from "../src/render/bound-flags.ts";
import type { RenderBounds } from "../src/render/limits.ts";
import { createRenderer } from "../src/render/renderer.ts";
import type { Renderer } from "../src/render/render.ts";
import { startProcesses } from "../src/world/real/processes.ts";
import { realWorld } from "../src/world/real/world.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { ParsedWords } from "./parse.ts";

/** Runs `work` with a renderer whose workers have the bounds that flags name, and ends them. Throws CommandError for a flag that is none. */
export async function withRenderer<T>(words: ParsedWords, work: (renderer: Renderer) => Promise<T>): Promise<T> {
  const bounds = boundsOf(words);
  const processes = startProcesses();
  const renderer = createRenderer({ world: realWorld(), processes, bounds });
  try {
    return await work(renderer);
  } finally {
    await renderer.close();
    await processes.close();
  }
}

function boundsOf(words: ParsedWords): Partial<RenderBounds> {
  try {
    return parseBounds((name) => words.text(name));
  } catch (error) {
    if (error instanceof BoundError) throw new CommandError(exitCodes.usage, error.message, { cause: error });
    throw error;
  }
}
