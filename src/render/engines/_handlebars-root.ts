import type { EngineScope } from "../engine.ts";
import type { Trace } from "../origins/trace.ts";
import { goMap, goValueOf, isList, isMap } from "../template/value.ts";
import type { GoValue } from "../template/value.ts";

/** What one template sees at its root. Members are made when they are read: few templates read the chart's other files. */
export function rootOf(objects: object, template: object): object {
  return Object.defineProperties({ Template: template }, Object.getOwnPropertyDescriptors(objects));
}

const objectNames = ["Values", "Release", "Chart", "Capabilities", "Files"] as const;

/** Helm's objects with every leaf traced, each made when it is read first. */
export function tracedObjects({ objects, values }: EngineScope, trace: Trace): object {
  const traced = {};
  for (const name of objectNames) {
    let made: GoValue;
    const read = (): GoValue => (made ??= name === "Values" ? values : tracedFacts(goValueOf(objects[name]), name, trace));
    Object.defineProperty(traced, name, { get: read, enumerable: true });
  }
  return traced;
}

function tracedFacts(value: GoValue, path: string, trace: Trace): GoValue {
  if (isList(value)) return value.map((item, index) => tracedFacts(item, `${path}[${index}]`, trace));
  if (isMap(value)) return goMap(Object.keys(value).map((key) => [key, tracedFacts(value[key], `${path}.${key}`, trace)] as const));
  return trace.known(path, value);
}
