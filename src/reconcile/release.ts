import type { Application } from "../model/kinds/application.ts";
import type { RenderRequest } from "../render/render.ts";
import { printCanonicalJson } from "../value/canonical-json.ts";
import { sha256 } from "../value/digest.ts";
import { asJson } from "../value/json.ts";

/** The digest of what people put into a release: the tree and the application's settings, without what is pinned for it. */
export function releaseInputOf({ metadata, spec }: Application, treeDigest: string): string {
  const { helm, directory, path, chart } = spec.source;
  return sha256(`${treeDigest}\n${printCanonicalJson(asJson({ helm, directory, path, chart, namespace: spec.destination.namespace, name: metadata.name }))}`);
}

/** The release of an application, as a render of this input sees it: the store knows whether there is one. */
export function releaseOf({ metadata, spec, status }: Application, input: string): RenderRequest["release"] {
  const { release } = status;
  const revision = release === undefined ? 1 : release.input === input ? release.revision : release.revision + 1;
  return { name: spec.source.helm?.releaseName ?? metadata.name, namespace: spec.destination.namespace ?? "default", revision, isInstall: revision === 1 };
}
