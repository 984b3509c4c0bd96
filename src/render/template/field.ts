import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { fault } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { methodsOf } from "./map-methods.ts";
import { isMap, Struct, typeOf, zeroOf } from "./value.ts";
import type { GoMap, GoValue } from "./value.ts";

/** Where a field is read: for messages. */
export interface FieldSite {
  readonly start: number;
  /** The whole expression as written. */
  readonly text: string;
}

/** The member `name` of a value: a method's answer, a struct's field, a map's entry. `args` are the arguments written after it. Throws RenderFault. */
export function readField(frame: Frame, site: FieldSite, receiver: GoValue, name: string, args: readonly GoValue[] = noArguments): GoValue {
  if (isMap(receiver)) return readMember(frame, site, receiver, name, args);
  if (receiver === undefined) return undefined;
  if (receiver === null) throw wrong(frame, site, `nil pointer evaluating interface {}.${name}`);
  if (receiver instanceof Struct) {
    const method = Object.hasOwn(receiver.methods, name) ? receiver.methods[name] : undefined;
    if (method !== undefined) return callMethod(frame, site, name, () => method(args));
    if (Object.hasOwn(receiver.fields, name)) {
      if (args.length > 0) throw wrong(frame, site, `${name} has arguments but cannot be invoked as function`);
      return receiver.fields[name];
    }
  }
  throw wrong(frame, site, `can't evaluate field ${name} in type ${receiver instanceof Block ? "string" : typeOf(receiver)}`);
}

const noArguments: readonly GoValue[] = [];

function readMember(frame: Frame, site: FieldSite, map: GoMap, name: string, args: readonly GoValue[]): GoValue {
  const value = map[name];
  if (args.length > 0 || value === undefined) {
    const method = methodsOf(map)?.get(name);
    if (method !== undefined) return callMethod(frame, site, name, () => method(map, args));
    if (args.length > 0) throw wrong(frame, site, `${name} is not a method but has arguments`);
  }
  frame.execution.tracker?.read(map, name);
  if (value !== undefined || name in map) return value ?? null;
  switch (frame.execution.missingKey) {
    case "zero": return zeroOf(map);
    case "default": return undefined;
    case "error": throw wrong(frame, site, `map has no entry for key ${JSON.stringify(name)}`);
  }
}

function callMethod(frame: Frame, site: FieldSite, name: string, run: () => GoValue): GoValue {
  try {
    return run();
  } catch (error) {
    if (error instanceof FunctionFault) throw wrong(frame, site, `error calling ${name}: ${error.message}`);
    throw error;
  }
}

function wrong(frame: Frame, site: FieldSite, message: string): Error {
  const path = /^\$?\.(Values(?:\.[\p{L}\p{Nd}_]+)+)/u.exec(site.text)?.[1];
  return fault(frame, site.start, `${message}, at <${site.text}>`, path);
}
