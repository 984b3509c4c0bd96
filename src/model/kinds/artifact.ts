import type { Artifact } from "../generated/capstan-v1.ts";
import type { Kind } from "../kind.ts";

export type { Artifact } from "../generated/capstan-v1.ts";

/** Artifact, `capstan.dev/v1`. */
export const ArtifactKind: Kind<Artifact> = {
  group: "capstan.dev", version: "v1", kind: "Artifact", plural: "artifacts", singular: "artifact", shortNames: [], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Artifact", hasStatus: false,
  columns: [],
  selectableFields: {},
};
