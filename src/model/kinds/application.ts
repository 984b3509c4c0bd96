import type { Application } from "../generated/capstan-v1.ts";
import type { Kind } from "../kind.ts";

export type { Application } from "../generated/capstan-v1.ts";

/** Application, `capstan.dev/v1`. */
export const ApplicationKind: Kind<Application> = {
  group: "capstan.dev", version: "v1", kind: "Application", plural: "applications", singular: "application", shortNames: ["app"], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Application", hasStatus: true,
  columns: [],
  selectableFields: {},
};
