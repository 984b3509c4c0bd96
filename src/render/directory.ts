import type { ManifestText } from "./manifests.ts";
import { matchesGlob } from "./glob.ts";
import type { RenderRequest } from "./render.ts";
import { fileText } from "./tree-text.ts";

const manifestFile = /\.(?:ya?ml|json)$/i;

/** The manifest files of a plain folder in path order: YAML and JSON, as include, exclude and recurse choose. Throws RenderFault. */
export function readDirectory(request: RenderRequest): readonly ManifestText[] {
  const { recurse, include, exclude } = request.directory;
  const chosen = [...request.tree.files.keys()].filter((path) =>
    manifestFile.test(path) && (recurse || !path.includes("/")) && !isHidden(path)
    && (include === "" || matchesGlob(include, path)) && (exclude === "" || !matchesGlob(exclude, path)));
  return chosen.toSorted().map((file) => ({ file, text: fileText(request.tree, file) }));
}

/** Files such as `.github/workflows/test.yaml` are never manifests. */
function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith("."));
}
