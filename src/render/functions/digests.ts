import { sha256 } from "../../value/digest.ts";
import type { TemplateFunction } from "../functions.ts";
import { textOf } from "../template-value.ts";

/** Checksums, in hexadecimal. */
export const digestFunctions: readonly TemplateFunction[] = [
  { name: "sha256", usage: "sha256 TEXT", min: 1, max: 1, run: ([text]) => sha256(textOf(text)) },
  { name: "sha256sum", usage: "sha256sum TEXT", min: 1, max: 1, run: ([text]) => sha256(textOf(text)) },
];
