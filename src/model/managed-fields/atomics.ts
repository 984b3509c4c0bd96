import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { structOf } from "./atom.ts";
import type { Atom, Structure } from "./atom.ts";

/**
 * The lists, maps and structs of a configuration that have one owner as a whole: merging it would replace them. Pure.
 *
 * @returns paths as `.spec.template.spec.containers[0].args`
 * @see kubernetes apiserver pkg/admission/plugin/policy/mutating/patch/smd.go findAtomics
 */
export function findAtomics(message: Structure, configuration: JsonObject): readonly string[] {
  return atomicsIn(structOf(message), configuration, "");
}

function atomicsIn(atom: Atom, value: Json, path: string): readonly string[] {
  switch (atom.kind) {
    case "leaf": return Array.isArray(value) || isJsonObject(value) ? [path] : [];
    // Upstream does not look into maps.
    case "set": case "map": return [];
    case "list": return Array.isArray(value) ? value.flatMap((item: Json, index) => atomicsIn(atom.item, item, `${path}[${index}]`)) : [];
    case "struct": return !isJsonObject(value) ? [] : Object.entries(value).flatMap(([name, member]) => {
      const field = atom.field(name);
      return field === undefined || member === undefined ? [] : atomicsIn(field.atom, member, `${path}.${name}`);
    });
  }
}
