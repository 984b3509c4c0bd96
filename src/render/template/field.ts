import { FunctionFault } from "../fault.ts";
import { Block } from "../text.ts";
import { fault } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { methodsOf } from "./map-methods.ts";
import { isMap, Struct, Traced, typeOf, zeroOf } from "./value.ts";
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
  if (receiver instanceof Traced) return ofTraced(frame, site, receiver, name, args);
  if (receiver instanceof Struct) {
    const method = Object.hasOwn(receiver.methods, name) ? receiver.methods[name] : undefined;
    if (method !== undefined) return factOf(frame, site, callMethod(frame, site, name, () => method(untracedAll(frame, args))), args);
    if (Object.hasOwn(receiver.fields, name)) {
      if (args.length > 0) throw wrong(frame, site, `${name} has arguments but cannot be invoked as function`);
      return factOf(frame, site, receiver.fields[name]);
    }
  }
  throw wrong(frame, site, `can't evaluate field ${name} in type ${receiver instanceof Block ? "string" : typeOf(receiver)}`);
}

/** A member of what is traced depends on it too. */
function ofTraced(frame: Frame, site: FieldSite, receiver: Traced, name: string, args: readonly GoValue[]): GoValue {
  const { tracer } = frame.execution;
  const value = readField(frame, site, receiver.value, name, args);
  return tracer === undefined ? value : tracer.decided(value, new Traced("", receiver.sources));
}

/** What a method or a struct answers is a fact of the release. */
function factOf(frame: Frame, site: FieldSite, value: GoValue, args: readonly GoValue[] = noArguments): GoValue {
  return frame.execution.tracer === undefined ? value : frame.execution.tracer.fact(site.text.replace(/^\$?\./, ""), value, args);
}

function untracedAll(frame: Frame, args: readonly GoValue[]): readonly GoValue[] {
  return frame.execution.tracer === undefined ? args : args.map((arg) => (arg instanceof Traced ? arg.value : arg));
}

const noArguments: readonly GoValue[] = [];

function readMember(frame: Frame, site: FieldSite, map: GoMap, name: string, args: readonly GoValue[]): GoValue {
  const value = map[name];
  if (args.length > 0 || value === undefined) {
    const method = methodsOf(map)?.get(name);
    if (method !== undefined) return factOf(frame, site, callMethod(frame, site, name, () => method(map, untracedAll(frame, args))), args);
    if (args.length > 0) throw wrong(frame, site, `${name} is not a method but has arguments`);
  }
  if (value !== undefined || name in map) return value ?? null;
  const { tracer } = frame.execution;
  switch (frame.execution.missingKey) {
    case "zero": return tracer === undefined ? zeroOf(map) : tracer.missing(map, name, zeroOf(map));
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
