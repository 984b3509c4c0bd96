import { applyDefaults } from "../../model/defaults.ts";
import { checkTypes } from "../../model/check-types.ts";
import { printUnknownField, pruneUnknownFields } from "../../model/fields.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { findKind, kinds } from "../../model/kinds.ts";
import type { ApiObject } from "../../model/object.ts";
import { printFieldError } from "../../model/print-field-error.ts";
import { validateObject } from "../../model/validate.ts";
import { parseFieldPath, readField } from "../../value/field-path.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import type { Finding, LintRule } from "../lint.ts";
import type { Manifest } from "../render.ts";
import type { LintedObject } from "../lint-subject.ts";

/** Objects the API would refuse, or whose fields it would drop. */
export const objectRule: LintRule = {
  name: "objects", finds: "objects that are not valid, fields their kind does not have, kinds that are not served",
  check({ objects }) {
    const defined = new Set(objects.flatMap(({ manifest }) => definedKinds(manifest)));
    return objects.flatMap((object) => {
      const { apiVersion, kind: name } = object.manifest.object;
      const kind = findKind(apiVersion, name);
      if (kind !== undefined) return faultsOf(kind, object);
      return defined.has(`${apiVersion.split("/", 1)[0] ?? ""} ${name}`) ? [] : [unknownKind(object)];
    });
  },
};

/** The group and kind of a definition the chart brings itself. */
function definedKinds({ object }: Manifest): readonly string[] {
  if (object.kind !== "CustomResourceDefinition") return [];
  const group = readField(object, "spec.group");
  const name = readField(object, "spec.names.kind");
  return typeof group === "string" && typeof name === "string" ? [`${group} ${name}`] : [];
}

function faultsOf(kind: Kind, { manifest, placeOf }: LintedObject): readonly Omit<Finding, "rule">[] {
  const body = manifest.object as JsonObject;
  const name = `${manifest.object.kind} ${manifest.object.metadata.name}`;
  const { object, unknown } = pruneUnknownFields(kind, body);
  const errors = checkTypes(kind, object);
  const faults = errors.length > 0 ? errors : validateObject(kind, applyDefaults(kind, placed(kind, object)));
  return [
    ...unknown.map((path) => ({ level: "error" as const, message: `${name}: ${printUnknownField(path)}`, place: placeOf(pathOf(path)) })),
    ...faults.map((fault) => ({ level: "error" as const, message: `${name}: ${printFieldError(fault)}`, place: placeOf(pathOf(fault.path)) })),
  ];
}

/** The object in the namespace it would be put into. */
function placed(kind: Kind, object: JsonObject): ApiObject {
  const { metadata } = object as unknown as ApiObject;
  return { ...object, metadata: { ...(kind.namespaced ? { namespace: "default" } : {}), ...metadata } } as unknown as ApiObject;
}

function pathOf(path: string): readonly (string | number)[] {
  try {
    return parseFieldPath(path);
  } catch {
    // A path through a key with brackets: its object's place will do.
    return [];
  }
}

function unknownKind({ manifest, placeOf }: LintedObject): Omit<Finding, "rule"> {
  const { apiVersion, kind: name, metadata } = manifest.object;
  const place = placeOf(["apiVersion"]);
  const others = kinds.filter((kind) => kind.kind === name).map(apiVersionOf);
  const said: Json = `${name} ${metadata.name}: ${apiVersion} ${name} is not served`;
  return others.length > 0
    ? { level: "error", message: `${said}; it is ${others.join(" or ")} here`, place }
    : { level: "warning", message: `${said} unless something else defines it`, place };
}
