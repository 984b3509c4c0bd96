import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { unpackChart } from "../src/render/chart/tar.ts";
import { RenderFault } from "../src/render/fault.ts";
import { printPlace } from "../src/render/render.ts";
import type { Place, RenderProblem } from "../src/render/render.ts";
import { sha256 } from "../src/value/digest.ts";
import type { FileTree } from "../src/value/file-tree.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/** Files of a folder read from disk at most; Git's own limit for a tree. */
const filesMax = 10_000;

/** A folder of the disk as the daemon would have it from Git. */
export interface Folder {
  /** As it was named, for messages: places in it are clickable from where the command runs. */
  readonly name: string;
  readonly path: string;
  readonly tree: FileTree;
}

/** Reads a folder, its `.git` left out, or a packed chart. Throws CommandError when there is none. */
export function readFolder(name: string): Folder {
  const path = resolve(name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true && name.endsWith(".tgz")) return readPackage(name, path);
  if (found?.isDirectory() !== true) throw new CommandError(exitCodes.notFound, `${path} is no folder`);
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /(?:^|\/)\.git(?:\/|$)/.test(relative(path, entry.parentPath))) continue;
    if (files.size >= filesMax) throw new CommandError(exitCodes.refused, `${path} holds more than ${filesMax} files`);
    const file = join(entry.parentPath, entry.name);
    files.set(relative(path, file), readFileSync(file));
  }
  return { name, path, tree: { kind: "tree", digest: `sha256:${sha256([...files].map(([file, content]) => `${file} ${sha256(content)}`).join("\n"))}`, files } };
}

/** A packed chart, as the folder it was packed from. */
function readPackage(name: string, path: string): Folder {
  const bytes = readFileSync(path);
  return orRefuse(() => ({ name, path, tree: { kind: "tree", digest: `sha256:${sha256(bytes)}`, files: unpackChart(name, bytes) } }));
}

/** A chart folder; without a name the one the command runs in. Throws CommandError when it is no chart. */
export function readChartFolder(name: string | undefined): Folder {
  const folder = readFolder(name ?? ".");
  if (!folder.tree.files.has("Chart.yaml")) throw new CommandError(exitCodes.notFound, `${folder.path} is no chart: it has no Chart.yaml; capstan chart new NAME makes one`);
  return folder;
}

/** The folder with value files added that lie outside of it, and the names all of them have in its tree. A name is looked for in the folder first. Throws CommandError. */
export function withValueFiles({ name, path, tree }: Folder, names: readonly string[], what = "value file"): { readonly tree: FileTree; readonly valueFiles: readonly string[] } {
  const files = new Map(tree.files);
  const valueFiles = names.map((file) => {
    const inside = isAbsolute(file) ? relative(path, file) : file;
    if (tree.files.has(inside)) return inside;
    const fromHere = relative(path, resolve(file));
    if (tree.files.has(fromHere)) return fromHere;
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new CommandError(exitCodes.notFound, `there is no ${what} ${file}, neither in ${name} nor here`);
    files.set(file, readFileSync(file));
    return file;
  });
  return { tree: { ...tree, files }, valueFiles };
}

/** A place in a folder, as it is reached from where the command runs. */
export function printPlaceIn({ name }: Pick<Folder, "name">, place: Place): string {
  return printPlace({ ...place, file: join(name, place.file) });
}

/** What `read` answers of a chart; a fault of the chart ends the command. Throws CommandError. */
export function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RenderFault) throw new CommandError(exitCodes.refused, printProblem(error.problem));
    throw error;
  }
}

/** `templates/a.hbs:1:2: what is wrong`. */
export function printProblem({ place, message }: RenderProblem): string {
  return place === undefined ? message : `${printPlace(place)}: ${message}`;
}
