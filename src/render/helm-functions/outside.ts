import { goFunction } from "../template/function.ts";
import type { GoFunction } from "../template/function.ts";

/** Functions that ask the render around them: other templates, texts as templates, objects of the cluster. */
export const outsideFunctions: readonly GoFunction[] = [
  goFunction("include", ["string", "any"], ([name, data], context) => context.include(name, data)),
  goFunction("tpl", ["string", "any"], ([text, data], context) => context.renderText(text, data)),
  goFunction("lookup", ["string", "string", "string", "string"], ([apiVersion, kind, namespace, name], context) => context.lookup(apiVersion, kind, namespace, name)),
];
