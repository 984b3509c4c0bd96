import type { Application } from "../model/kinds/application.ts";
import type { ObjectOrigins, Origin, OriginQuery, Piece, Source } from "../render/origins/origin.ts";
import { printPlace } from "../render/render.ts";
import { parseFieldPath, printFieldPath } from "../value/field-path.ts";
import type { Loop } from "./loop.ts";
import { readSource } from "./prepare.ts";
import { printProblems } from "./problem.ts";
import { renderSource } from "./render-source.ts";
import { applicationKey } from "./tracking.ts";

/** Where fields of one object come from, at the newest commit that was rendered. No value is told. */
export interface Explanation {
  readonly application: string;
  readonly revision: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly fields: readonly ExplainedField[];
  readonly lines: readonly string[];
}

/** One scalar of an object. */
export interface ExplainedField extends Omit<Origin, "path"> {
  /** As Kubernetes prints it, `spec.containers[0].image`. */
  readonly path: string;
}

/** Why nothing can be said. */
export interface ExplainProblem {
  readonly kind: "problem";
  readonly isMissing: boolean;
  readonly message: string;
}

/** What is asked for: an object, and a field or all of them. */
export interface ExplainQuestion extends OriginQuery {
  readonly field: string;
}

/** Tells it from what the newest render kept; of plain manifests, and where nothing is kept any more, by reading or rendering the commit again. Throws ValueError for a field path that cannot be read. */
export async function explain(loop: Loop, application: Application, question: ExplainQuestion, signal: AbortSignal): Promise<Explanation | ExplainProblem> {
  const key = applicationKey(application);
  const { prepared } = loop.memoryOf(key);
  const revision = prepared?.revision.commit ?? application.status.sync?.revision ?? "";
  if (revision === "") return missing(`${application.metadata.name} was never rendered; see capstan app get ${application.metadata.name}`);
  const tree = await readSource(application, revision, loop.tools, signal);
  if (tree.kind === "problem") return { kind: "problem", isMissing: false, message: tree.message };
  const wanted = parseFieldPath(question.field);
  const { field: _field, ...query } = question;
  const rendered = await renderSource(application, tree, loop.tools, { signal, origins: query, kept: prepared?.treeDigest === tree.digest ? prepared.kept : undefined, pins: await loop.tools.pins.load(application) });
  if (rendered.kind === "problems") return { kind: "problem", isMissing: false, message: printProblems(rendered.problems).join("\n") };
  const object = objectMeant(rendered.origins ?? [], question, application.spec.destination.namespace ?? "default");
  if (object === undefined) return missing(`commit ${revision.slice(0, commitLength)} gives no ${question.kind} ${question.name}${question.namespace === undefined ? "" : ` in namespace ${question.namespace}`}; see capstan app get ${application.metadata.name}`);
  const found = object.origins.filter(({ path }) => wanted.every((part, index) => String(path[index]) === String(part)));
  if (found.length === 0) return missing(`${object.kind} ${object.name} has no ${question.field} at commit ${revision.slice(0, commitLength)}: a default of the API, a controller or somebody else set it${nearOf(object, wanted)}`);
  const fields = found.map(({ path, ...origin }): ExplainedField => ({ path: printFieldPath(path), ...origin }));
  return { application: key, revision, kind: object.kind, namespace: object.namespace, name: object.name, fields, lines: fields.flatMap(printField) };
}

const commitLength = 12;

/** An object without a namespace of its own lies in the application's. */
function objectMeant(objects: readonly ObjectOrigins[], question: ExplainQuestion, namespace: string): ObjectOrigins | undefined {
  return objects.find((object) => question.namespace === undefined || (object.namespace === "" ? namespace : object.namespace) === question.namespace) ?? objects.find((object) => object.namespace === "");
}

function missing(message: string): ExplainProblem {
  return { kind: "problem", isMissing: true, message };
}

/** The deepest part of the path that is there, to say where it ends. */
function nearOf(object: ObjectOrigins, wanted: readonly (string | number)[]): string {
  for (let length = wanted.length - 1; length > 0; length--) {
    const part = wanted.slice(0, length);
    if (object.origins.some(({ path }) => part.every((name, index) => String(path[index]) === String(name)))) return `; the commit has ${printFieldPath(part)}`;
  }
  return "";
}

const verbs: Readonly<Record<Origin["kind"], string>> = { text: "written", copy: "copied", computed: "computed" };

/** A field's origin as lines for a terminal. */
export function printField({ path, kind, pieces, inputs, conditions }: ExplainedField): readonly string[] {
  return [
    path,
    ...pieces.map((piece, index) => `  ${index === 0 ? `${verbs[kind]} at` : "      and at"} ${printPiece(piece)}`),
    ...inputs.map((source, index) => `  ${index === 0 ? (kind === "copy" ? "from" : "computed from") : "          and"} ${printSource(source)}`),
    ...conditions.map((source, index) => `  ${index === 0 ? "decided by" : "       and"} ${printSource(source)}`),
  ];
}

function printPiece({ place, through }: Piece): string {
  return [printPlace(place), ...through.toReversed().map((call) => `called from ${printPlace(call)}`)].join(", ");
}

function printSource({ path, layer, place }: Source): string {
  return `${path} (${place === undefined ? layer : printPlace(place)})`;
}
