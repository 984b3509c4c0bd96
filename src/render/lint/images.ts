import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import type { LintRule } from "../lint.ts";

/** Lists of a pod's containers. */
const containerLists: ReadonlySet<string> = new Set(["containers", "initContainers", "ephemeralContainers"]);

/** Images that may be another one tomorrow. */
export const imageRule: LintRule = {
  name: "images", finds: "container images without a tag or digest, or with the tag latest",
  check: ({ objects }) => objects.flatMap(({ manifest, placeOf }) => imagesOf(manifest.object, []).flatMap(({ image, path }) => {
    const why = unpinned(image);
    return why === undefined ? [] : [{ level: "warning" as const, message: `the image ${image} of ${manifest.object.kind} ${manifest.object.metadata.name} ${why}; name the version, or better the digest`, place: placeOf(path) }];
  })),
};

/** Why an image's content may change under its name. A port is no tag: `registry:5000/app`. */
function unpinned(image: string): string | undefined {
  if (image.includes("@sha256:")) return undefined;
  const [, tag] = image.slice(image.lastIndexOf("/") + 1).split(":", 2);
  if (tag === undefined || tag === "") return "has no tag";
  return tag === "latest" ? "has the tag latest" : undefined;
}

function imagesOf(value: Json, path: readonly (string | number)[]): readonly { readonly image: string; readonly path: readonly (string | number)[] }[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, index) => imagesOf(item, [...path, index]));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (!containerLists.has(key) || !Array.isArray(member)) return imagesOf(member ?? null, [...path, key]);
    return (member as readonly Json[]).flatMap((container, index) => (isJsonObject(container) && typeof container["image"] === "string" ? [{ image: container["image"], path: [...path, key, index, "image"] }] : []));
  });
}
