import { faultAt } from "../fault.ts";
import type { Place } from "../render.ts";
import type { FunctionContext } from "./function.ts";
import { placeIn } from "./template-error.ts";
import type { GoMap, GoValue } from "./value.ts";

/** Follows values from where they are read to where they are written: what origins are made of. Only renders that are asked for origins have one. */
export interface Tracer {
  /** The mark that what follows is written in the present context: to be written wherever that changes. */
  here(): string;
  /** A text with marks in it, as it is handed on in the present context. */
  handedOn(text: string): string;
  /** The mark of a value written by an action at a place, `file:line:column`. */
  value(place: string, value: GoValue): string;
  /** The mark, written where nothing is, of a branch that was not taken. `isApart` when what it would have written begins on a line of its own. */
  absent(place: string, subject: GoValue, isApart: boolean): string;
  /** What a map without the member answers, knowing who did not say it. */
  missing(map: GoMap, name: string, value: GoValue): GoValue;
  /** A key of a map. */
  key(map: GoMap, key: string): GoValue;
  /** A fact that no value says. */
  fact(path: string, value: GoValue, args: readonly GoValue[]): GoValue;
  /** The value, known to depend on `subject` too. */
  decided(value: GoValue, subject: GoValue): GoValue;
  /** The value, known to depend on every condition around. */
  conditional(value: GoValue): GoValue;
  /** True when a function of such arguments needs not be told: its answer is made of none of them. */
  knowsNothing(name: string, given: readonly GoValue[]): boolean;
  /** Runs a function: `given` are its arguments as they were computed, `convert` gives each the form the function has it in. */
  call(name: string, place: string, call: TracedCall): GoValue;
  /** Runs what stands below a condition or loop. */
  within<T>(subject: GoValue, run: () => T): T;
  /** Runs what an include, template or tpl at a place calls. */
  through<T>(place: string, run: () => T): T;
}

/** One call of a function. */
export interface TracedCall {
  readonly given: readonly GoValue[];
  readonly convert: (value: GoValue, index: number) => GoValue;
  readonly run: (given: readonly GoValue[]) => GoValue;
}

/** One template, ready to run. It knows no values and no render, so it may serve many. */
export interface CompiledTemplate {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly isEmpty: boolean;
  /** Variables it needs room for; the first is `$`. */
  readonly slotCount: number;
  run(frame: Frame, data: GoValue): void;
}

/** What a running template asks of what runs it. */
export interface Runtime {
  /** What a map answers for a key it has not. */
  readonly missingKey: "zero" | "default" | "error";
  readonly tracer: Tracer | undefined;
  /** True while a traced text is written that may be indented later: its lines have marks of their own. */
  readonly isMovable: boolean;
  /** Writes a text of a template, marks in it; it counts as so many characters, as many as with one mark in every render. */
  write(marked: string, length: number, frame: Frame, at: number): void;
  /** Writes a mark without a text. */
  writeMark(mark: string): void;
  /** Writes a value as Go prints it. */
  writeValue(value: GoValue, place: string, frame: Frame, at: number): void;
  /** Counts one turn of a loop, call or action. */
  step(frame: Frame, at: number): void;
  /** `{{template "name" data}}`. */
  call(name: string, data: GoValue, frame: Frame, at: number): void;
  /** What a function called at a place may ask. */
  context(frame: Frame, at: number): FunctionContext;
}

/** One activation of a template: its variables, by slot. */
export interface Frame {
  readonly execution: Runtime;
  readonly template: CompiledTemplate;
  readonly slots: GoValue[];
}

/** Where an offset of a frame's template stands. */
export function placeOf(frame: Frame, at: number): Place {
  return placeIn(frame.template.file, frame.template.text, at);
}

/** Says that something is wrong at an offset of a frame's template. */
export function fault(frame: Frame, at: number, message: string, valuePath?: string): Error {
  return faultAt(placeOf(frame, at), message, valuePath);
}

/** An offset of a template as `file:line:column`. */
export function printPlaceAt(file: string, text: string, at: number): string {
  const { line, column } = placeIn(file, text, at);
  return `${file}:${line ?? 1}:${column ?? 1}`;
}
