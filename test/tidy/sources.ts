import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** One source file, taken apart as far as the rules need it. */
export interface SourceFile {
  /** From the checkout's root, `/`-separated. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** What it imports, as written; `isType` imports vanish at run time. */
  readonly imports: readonly { readonly from: string; readonly isType: boolean }[];
}

const importPattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Every TypeScript file below a folder, tests included. */
export function sourcesBelow(folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts)$/.test(entry.name))
    .map((entry) => read(join(entry.parentPath, entry.name)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function read(file: string): SourceFile {
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(importPattern)].map((found) => ({ from: found[2] ?? found[3] ?? "", isType: found[1] !== undefined }));
  return { path: relative(root, file).replaceAll("\\", "/"), text, lines: text.split("\n"), imports };
}

/** Source text without comments and strings, so that words in prose do not count as code. */
export function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(?<![:"'`\\])\/\/[^\n]*/g, "").replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

/** The path an import names, from the root; undefined for packages. */
export function resolveImport(file: SourceFile, from: string): string | undefined {
  return from.startsWith(".") ? relative(root, join(root, file.path, "..", from)).replaceAll("\\", "/") : undefined;
}
