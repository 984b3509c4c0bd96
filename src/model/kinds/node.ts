import type { Node } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";

export type { Node } from "../generated/core-v1.ts";

/** Node, `v1`. */
export const NodeKind: Kind<Node> = {
  group: "", version: "v1", kind: "Node", plural: "nodes", singular: "node", shortNames: ["no"], categories: [],
  namespaced: false, message: "core/v1.Node", hasStatus: true,
  columns: [],
  selectableFields: {},
};
