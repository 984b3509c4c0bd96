import type { Column, Kind } from "../kind.ts";
import type { ApiObject } from "../object.ts";
import { ageColumn, nameColumn } from "../columns.ts";

/** What has to be said of a kind; the rest has the values most kinds have. */
export interface KindFacts<T extends ApiObject> extends Partial<Omit<Kind<T>, "group" | "version" | "singular" | "message">> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A kind from what is special about it. Columns: name and age; names: DNS subdomains; verbs: all. */
export function kindOf<T extends ApiObject>({ apiVersion, ...facts }: KindFacts<T>): Kind<T> {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return {
    shortNames: [], categories: [], hasStatus: false, columns: [nameColumn, ageColumn], selectableFields: {},
    ...facts,
    group, version, singular: facts.kind.toLowerCase(), message: `${packageOf(group)}/${version}.${facts.kind}`,
  };
}

/** `networking.k8s.io` is the package `networking`, the core group `core`. */
function packageOf(group: string): string {
  return group === "" ? "core" : group.split(".")[0] ?? group;
}

/** The columns of kinds that upstream has no printer for. */
export const createdAtColumns: readonly Column[] = [
  nameColumn,
  { name: "Created At", type: "date", priority: 0, value: (object) => object.metadata.creationTimestamp ?? null },
];

/** A column of truths; absent is false. */
export function truthColumn<T extends ApiObject>(name: string, read: (object: T) => boolean | undefined): Column<T> {
  return { name, type: "boolean", priority: 0, value: (object) => read(object) ?? false };
}
