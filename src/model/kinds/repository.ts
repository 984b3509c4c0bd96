import type { Repository } from "../generated/capstan-v1.ts";
import type { Kind } from "../kind.ts";

export type { Repository } from "../generated/capstan-v1.ts";

/** Repository, `capstan.dev/v1`. */
export const RepositoryKind: Kind<Repository> = {
  group: "capstan.dev", version: "v1", kind: "Repository", plural: "repositories", singular: "repository", shortNames: ["repo"], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Repository", hasStatus: true,
  columns: [],
  selectableFields: {},
};
