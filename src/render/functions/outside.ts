import { FunctionFault } from "../fault.ts";
import type { TemplateFunction } from "../functions.ts";
import { matchesGlob } from "../glob.ts";
import { mapFrom, memberOf, textOf } from "../template-value.ts";
import { templateValueOf } from "./_go-values.ts";

/** Functions that look beyond the values: the chart's files, and the cluster. */
export const outsideFunctions: readonly TemplateFunction[] = [
  {
    name: "file", usage: "file PATH", min: 1, max: 1,
    run([path], call) {
      const text = memberOf(call.files, textOf(path));
      if (text === undefined) throw new FunctionFault(`finds no file ${textOf(path)} in the chart`);
      return text;
    },
  },
  {
    name: "files", usage: "files GLOB", min: 1, max: 1,
    run: ([glob], call) => mapFrom(Object.keys(call.files).filter((path) => matchesGlob(textOf(glob), path)).toSorted().map((path) => [path, call.files[path] ?? ""] as const)),
  },
  {
    name: "lookup", usage: "lookup APIVERSION KIND NAMESPACE NAME", min: 4, max: 4,
    run: ([apiVersion, kind, namespace, name], call) => templateValueOf(call.lookup(textOf(apiVersion), textOf(kind), textOf(namespace), textOf(name))),
  },
];
