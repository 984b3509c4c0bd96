import { isOfKind, jsonOf } from "../api/shape.ts";
import { checkTypes } from "../model/check-types.ts";
import { kindsOfDefinition } from "../model/custom/kinds-of.ts";
import { applyDefaults } from "../model/defaults.ts";
import { apiVersionOf, storedKindOf } from "../model/kind.ts";
import type { Kind } from "../model/kind.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import { CustomResourceDefinitionKind } from "../model/kinds/api-extensions.ts";
import type { CustomResourceDefinition } from "../model/kinds/api-extensions.ts";
import type { ApiObject } from "../model/object.ts";
import { validateObject } from "../model/validate.ts";

/** How kinds are found: by name, and those whose objects are stored. */
export type KindLookup = Pick<ServedKinds, "find" | "all" | "stored">;

/** The kinds served, and before them those that definitions among these objects are about to bring: one commit may hold both a definition and its objects. */
export function withTreeKinds(served: KindLookup, objects: readonly ApiObject[]): KindLookup {
  const brought = objects.filter((object) => isOfKind(CustomResourceDefinitionKind, object)).flatMap(kindsBrought);
  if (brought.length === 0) return served;
  const names = new Set(brought.map(nameOf));
  const all = [...brought, ...served.all.filter((kind) => !names.has(nameOf(kind)))];
  return { all, stored: [...new Set([...brought.map(storedKindOf), ...served.stored])], find: (apiVersion, kind) => all.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion) };
}

/** A definition that is wrong brings nothing: it is refused with its own place. */
function kindsBrought(definition: CustomResourceDefinition): readonly Kind[] {
  if (checkTypes(CustomResourceDefinitionKind, jsonOf(definition)).length > 0) return [];
  const complete = applyDefaults(CustomResourceDefinitionKind, definition);
  return validateObject(CustomResourceDefinitionKind, complete).length > 0 ? [] : kindsOfDefinition(complete, 0, askNobody);
}

/** Objects in versions that a webhook converts are refused before anything is converted. */
function askNobody(): never {
  throw new Error("an application asks no conversion webhook");
}

function nameOf(kind: Kind): string {
  return `${apiVersionOf(kind)} ${kind.kind}`;
}
