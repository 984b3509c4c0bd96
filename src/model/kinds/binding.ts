import type { Binding } from "../generated/core-v1.ts";
import { createdAtColumns, kindOf } from "./_kind-of.ts";

export type { Binding } from "../generated/core-v1.ts";

/** Binding, `v1`: the old way to give a pod its node, which `pods/binding` does too. Done at once, and never kept. */
export const BindingKind = kindOf<Binding>({ apiVersion: "v1", kind: "Binding", plural: "bindings", namespaced: true, verbs: ["create"], isStored: false, columns: createdAtColumns });
