import { includeDepthMax, outputMaxLength, renderDeadlineMs, renderMemoryMib, renderWallMs } from "./limits.ts";
import type { RenderBounds } from "./limits.ts";

/** The flags that set the bounds of renders, of the daemon and of commands. */
export const boundFlags = {
  "render-seconds": { type: "string", value: "N", help: `processor time one render may take (default ${renderDeadlineMs / 1_000})` },
  "render-memory": { type: "string", value: "MIB", help: `memory one render may take (default ${renderMemoryMib})` },
  "render-output": { type: "string", value: "MIB", help: `what the templates of one chart may write (default ${outputMaxLength / 1_048_576})` },
  "include-depth": { type: "string", value: "N", help: `how deep templates may include each other (default ${includeDepthMax})` },
} as const;

/** Smallest and largest of each: below, no chart renders; above, the bound is none for the machines this runs on, or the stack ends before. */
const ranges: Readonly<Record<keyof typeof boundFlags, readonly [number, number]>> = { "render-seconds": [0.1, 600], "render-memory": [128, 16_384], "render-output": [1, 256], "include-depth": [10, 1_000] };

/** A flag whose value cannot be a bound; the message is for people. */
export class BoundError extends Error {}

/** Reads the bounds that are set, those that are not left out. Throws BoundError. */
export function parseBounds(text: (name: keyof typeof boundFlags) => string | undefined): Partial<RenderBounds> {
  const number = (name: keyof typeof boundFlags): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const [min, max] = ranges[name];
    const value = /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max) || (name !== "render-seconds" && !Number.isInteger(value))) throw new BoundError(`--${name} ${given}: give a ${name === "render-seconds" ? "" : "whole "}number from ${min} to ${max}`);
    return value;
  };
  const seconds = number("render-seconds");
  const memoryMib = number("render-memory");
  const output = number("render-output");
  const depth = number("include-depth");
  return {
    ...(seconds === undefined ? {} : { deadlineMs: seconds * 1_000, wallMs: Math.max(renderWallMs, seconds * (renderWallMs / renderDeadlineMs) * 1_000) }),
    ...(memoryMib === undefined ? {} : { memoryMib }), ...(output === undefined ? {} : { outputMaxLength: output * 1_048_576 }), ...(depth === undefined ? {} : { includeDepthMax: depth }),
  };
}
