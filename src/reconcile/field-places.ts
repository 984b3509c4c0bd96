import type { Application } from "../model/kinds/application.ts";
import type { Origin } from "../render/origins/origin.ts";
import { printPlace } from "../render/render.ts";
import { parseFieldPath } from "../value/field-path.ts";
import type { FieldPath } from "../value/field-path.ts";
import type { FileTree } from "../value/file-tree.ts";
import { readOr } from "../value/value-error.ts";
import type { Problem } from "./problem.ts";
import { renderSource } from "./render-source.ts";
import type { RenderTools } from "./render-source.ts";

/** At most this many refused objects are rendered once more: the first ones say what is wrong. */
const objectsMax = 3;

/**
 * Refused fields at the lines that wrote them: renders once more, following every value of the objects that were refused. A problem whose field cannot be found
 * stays at its object's place.
 */
export async function atFieldPlaces(problems: readonly Problem[], { application, tree, tools }: { readonly application: Application; readonly tree: FileTree; readonly tools: RenderTools }, signal: AbortSignal): Promise<readonly Problem[]> {
  const placed: Problem[] = [];
  let asked = 0;
  for (const problem of problems) placed.push(problem.field === undefined || ++asked > objectsMax ? problem : await placedAt(problem, problem.field, { application, tree, tools }, signal));
  return placed;
}

async function placedAt(problem: Problem, { object, path }: NonNullable<Problem["field"]>, { application, tree, tools }: { readonly application: Application; readonly tree: FileTree; readonly tools: RenderTools }, signal: AbortSignal): Promise<Problem> {
  const wanted = readPath(path);
  if (wanted === undefined) return problem;
  const { namespace, ...query } = object;
  const rendered = await renderSource(application, tree, tools, { signal, origins: query, pins: await tools.pins.load(application) });
  if (rendered.kind === "problems") return problem;
  const own = application.spec.destination.namespace ?? "default";
  const found = (rendered.origins ?? []).find((one) => namespace === undefined || (one.namespace === "" ? own : one.namespace) === namespace) ?? rendered.origins?.[0];
  const origin = nearestOrigin(found?.origins ?? [], wanted);
  const place = origin?.pieces[0]?.place;
  if (origin === undefined || place === undefined) return problem;
  return { ...problem, place, message: `${problem.message}${fromOf(origin, wanted)}` };
}

/** The scalar at a path, else the first one that shares the most of it: what is missing stands beside it. Undefined where nothing is shared. Pure. */
export function nearestOrigin(origins: readonly Origin[], path: FieldPath): Origin | undefined {
  let best: Origin | undefined;
  let bestLength = 0;
  for (const origin of origins) {
    const length = commonLength(origin.path, path);
    if (length > bestLength) {
      best = origin;
      bestLength = length;
    }
  }
  return best;
}

function commonLength(left: FieldPath, right: FieldPath): number {
  const end = left.findIndex((part, index) => String(part) !== String(right[index]));
  return end < 0 ? left.length : end;
}

/** Of a field that is one value unchanged, whose value it is. */
function fromOf({ kind, inputs, path }: Origin, wanted: FieldPath): string {
  const [source] = inputs;
  if (kind !== "copy" || source === undefined || commonLength(path, wanted) < wanted.length) return "";
  return `; it is ${source.path} (${source.place === undefined ? source.layer : printPlace(source.place)})`;
}

function readPath(text: string): FieldPath | undefined {
  return readOr(() => parseFieldPath(text), () => undefined);
}
