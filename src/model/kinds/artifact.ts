import type { Artifact } from "../generated/capstan-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";

export type { Artifact } from "../generated/capstan-v1.ts";

/** Artifact, `capstan.dev/v1`: stored bytes by digest, such as a render; never changed. */
export const ArtifactKind: Kind<Artifact> = {
  group: "capstan.dev", version: "v1", kind: "Artifact", plural: "artifacts", singular: "artifact", shortNames: [], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Artifact", hasStatus: false,
  columns: [nameColumn, textColumn("Media Type", ({ mediaType }) => mediaType), textColumn("Digest", ({ digest }) => digest), ageColumn],
  selectableFields: {},
  immutable: ["mediaType", "digest", "data"],
  // A render holds the Secrets of its application.
  secretPaths: ["data"],
};
