import type { Secret } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Secret } from "../generated/core-v1.ts";

/** Secret, `v1`. */
export const SecretKind: Kind<Secret> = {
  group: "", version: "v1", kind: "Secret", plural: "secrets", singular: "secret", shortNames: [], categories: [],
  namespaced: true, message: "core/v1.Secret", hasStatus: false,
  secretPaths: ["data", "stringData"],
  columns: [],
  selectableFields: {},
};
