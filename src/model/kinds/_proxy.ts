import type { Subresource } from "../subresource.ts";

/** HTTP to what an object stands for. */
export function proxyOf(kind: string): Subresource {
  return { type: "connection", name: "proxy", verbs: ["create", "delete", "get", "patch", "update"], speaks: { group: "", version: "v1", kind } };
}
