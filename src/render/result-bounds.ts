import { FunctionFault } from "./fault.ts";
import { listItemsMax, outputMaxLength } from "./limits.ts";
import { Block } from "./text.ts";

/** Lets through what a function gave, or refuses it where it is too long to go on with: texts that double in a loop end here, at their place. Throws FunctionFault. */
export function checkResult<T>(value: T): T {
  if (typeof value === "string") checkText(value);
  else if (typeof value === "object" && value !== null) {
    if (value instanceof Block) checkText(value.text);
    else if (Array.isArray(value) && value.length > listItemsMax) throw new FunctionFault(`makes a list of more than ${listItemsMax} items; is there a loop that doubles it?`);
  }
  return value;
}

function checkText(text: string): void {
  if (text.length > outputMaxLength) throw new FunctionFault(`makes a text of more than ${outputMaxLength} characters; is there a loop that doubles it?`);
}

/** What the engine's own overflow while a function runs means to whoever wrote the template. */
export function describeOverflow(error: RangeError): string {
  return /call stack/.test(error.message) ? "goes on without end: a value holds itself, values are nested too deeply, or templates include each other" : "makes a text or list that is too long";
}
