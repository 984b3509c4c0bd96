import { faultAt } from "../fault.ts";
import type { Place } from "../render.ts";
import { printMark } from "../text.ts";
import type { FunctionContext } from "./function.ts";
import { placeIn } from "./template-error.ts";
import type { GoList, GoMap, GoValue } from "./value.ts";

/** Told which members of which maps and lists a template reads, and which place it then writes: what origins are made of. */
export interface ReadTracker {
  read(container: GoMap | GoList, key: string | number): void;
  wrote(place: string): void;
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
  readonly tracker: ReadTracker | undefined;
  /** Writes a text of a template. */
  write(text: string, frame: Frame, at: number): void;
  /** Writes a value as Go prints it. */
  writeValue(value: GoValue, mark: string, frame: Frame, at: number): void;
  /** Counts one turn of a loop, call or action. */
  step(frame: Frame, at: number): void;
  /** `{{template "name" data}}`. */
  call(name: string, data: GoValue, frame: Frame, at: number): void;
  /** What a function called at a place may ask. */
  context(frame: Frame, at: number, functionName: string): FunctionContext;
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

/** The mark of an offset of a template. */
export function markAt(file: string, text: string, at: number): string {
  const { line, column } = placeIn(file, text, at);
  return printMark(`${file}:${line ?? 1}:${column ?? 1}`);
}
