import type { Renderer } from "./render.ts";
import { renderPacked } from "./render-packed.ts";

/** Renders on the calling thread: for the simulation and tools. Only the bounds that need no clock hold. */
export function renderHere(): Renderer {
  return {
    async render(request, signal) {
      signal.throwIfAborted();
      return renderPacked(request);
    },
    async close() {},
  };
}
