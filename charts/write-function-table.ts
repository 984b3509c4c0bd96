import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printFunctionTable } from "../src/render/function-table.ts";

/** Writes the table of functions into docs/functions.md; a test holds the two equal. */
const file = join(import.meta.dirname, "..", "docs", "functions.md");
const text = readFileSync(file, "utf8");
writeFileSync(file, `${text.slice(0, text.indexOf("| written |"))}${printFunctionTable()}\n`);
