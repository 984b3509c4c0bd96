import { registerNamespace } from "../engine.ts";
import type { CelDialect } from "../program.ts";

/** The message an expression makes of an object's fields, and of what is in them: `Object.spec.template`. */
export const objectMessage = "Object";

/** One operation of a JSON patch. */
export const patchMessage = "JSONPatch";

const patchFields = { op: "string", path: "string", from: "string", value: "dyn" } as const;

/** What an expression that changes an object may write. @see kubernetes apiserver pkg/cel/mutation/typeresolver.go, pkg/cel/library/jsonpatch.go */
export const patchDialect: CelDialect = {
  findMessage(name) {
    if (name === patchMessage) return { fields: patchFields };
    return name === objectMessage || name.startsWith(`${objectMessage}.`) ? {} : undefined;
  },
  register(environment) {
    registerNamespace(environment, "jsonpatch", "JsonPatchNamespace");
    environment.registerFunction("JsonPatchNamespace.escapeKey(string): string", (_namespace: object, key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1"));
  },
};
