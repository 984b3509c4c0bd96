import { differences, functions, ownFunctionNames } from "./functions.ts";
import { helmFunctions } from "./helm-functions.ts";

/** The table of every function of both languages, as docs/functions.md holds it: by name, how it is written, where it is known, and where the two differ. */
export function printFunctionTable(): string {
  const names = [...new Set([...functions.keys(), ...helmFunctions.keys()])].toSorted((left, right) => left.toLowerCase().localeCompare(right.toLowerCase(), "en") || (left < right ? -1 : 1));
  const rows = names.map((name) => {
    const written = functions.get(name)?.usage ?? name;
    const known = functions.has(name) ? (helmFunctions.has(name) ? "both" : "Handlebars") : "Helm";
    return `| \`${written}\` | ${known} | ${noteOf(name)} |`;
  });
  return ["| written | in | note |", "|---|---|---|", ...rows].join("\n");
}

function noteOf(name: string): string {
  const difference = Object.hasOwn(differences, name) ? differences[name] : undefined;
  if (difference !== undefined) return `Handlebars: ${difference}`;
  return ownFunctionNames.has(name) && functions.get(name)?.takesMissing === true ? "may be given a missing value" : "";
}
