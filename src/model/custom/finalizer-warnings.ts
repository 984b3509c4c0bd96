import { checkQualifiedName } from "../../value/names.ts";
import { quote } from "../../value/quote.ts";
import type { ApiObject } from "../object.ts";

/** Finalizers that Kubernetes itself knows. */
const standard: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** What is said of the finalizers an object of a definition gets: names that others may use as well. @see kubernetes apiextensions-apiserver pkg/registry/customresource/validator.go */
export function warnOfFinalizers({ metadata }: ApiObject, old: ApiObject | undefined): readonly string[] {
  const added = (metadata.finalizers ?? []).filter((name) => !(old?.metadata.finalizers ?? []).includes(name));
  return added.toSorted().flatMap((name) => {
    const told = `metadata.finalizers: ${quote(name)}`;
    const isPlain = !name.includes("/") && !standard.has(name);
    const path = name.includes(".") ? " including a path (/)" : "";
    return [...checkQualifiedName(name).map((message) => `${told}: ${message}`), ...(isPlain ? [`${told}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`] : [])];
  });
}
