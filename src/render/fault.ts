import { editDistance } from "../value/edit-distance.ts";
import type { Place, RenderProblem } from "./render.ts";

/** Something wrong in a chart or its values: ends the render of that file and is reported, never a bug of ours. */
export class RenderFault extends Error {
  readonly problem: RenderProblem;
  constructor(problem: RenderProblem) {
    super(problem.message);
    this.name = "RenderFault";
    this.problem = problem;
  }
}

/** Says that `message` holds at `place`. */
export function faultAt(place: Place, message: string, valuePath?: string): RenderFault {
  return new RenderFault({ message, place, ...(valuePath === undefined ? {} : { valuePath }) });
}

/** Wrong arguments of a template function; the engine adds the place. */
export class FunctionFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FunctionFault";
  }
}

/** The known name nearest to a misspelt one, when near enough to be meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // Of one letter, every other letter is one step away.
  if (name.length < 2) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.ceil(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
