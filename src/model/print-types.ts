import { formsOf, isInline, shapeOf } from "./schema.ts";
import type { Field, Message, SchemaPackage } from "./schema.ts";

/** TypeScript's word for each scalar of the schema, in its JSON form. */
const scalarTypes: Readonly<Record<string, string>> = {
  string: "string", bool: "boolean", int32: "number", int64: "number", double: "number",
  bytes: "string", quantity: "string", time: "string", microTime: "string", duration: "string",
  intOrString: "number | string", rawExtension: "JsonObject", json: "Json",
};

/** Fields that stored objects always have, although a request may leave them out. */
const alwaysPresent = new Set(["ObjectMeta.name", "TypeMeta.kind", "TypeMeta.apiVersion"]);

/** Prints the TypeScript interfaces of one schema package: the content of `generated/<name>.ts`. Pure. */
export function printTypes(pkg: SchemaPackage, fileOf: (packageName: string) => string): string {
  const foreign = new Map<string, Set<string>>();
  const bodies = Object.entries(pkg.messages).map(([name, message]) => printMessage(pkg, name, message, foreign));
  const body = bodies.join("\n");
  const imports = [...foreign].toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, types]) => `import type { ${[...types].toSorted().join(", ")} } from "./${fileOf(name)}.ts";`);
  const json = ["Json", "JsonObject"].filter((word) => new RegExp(`\\b${word}\\b`).test(body));
  if (json.length > 0) imports.unshift(`import type { ${json.join(", ")} } from "../../value/json.ts";`);
  return `// Printed from schema/ by print-types.ts: run \`npm run generate\` after changing a schema.\n${imports.join("\n")}\n\n${body}`;
}

function printMessage(pkg: SchemaPackage, name: string, message: Message, foreign: Map<string, Set<string>>): string {
  const forms = formsOf(`${pkg.package}.${name}`);
  if (forms !== undefined) return `export type ${name} = ${forms.map((type) => printType(pkg, { type }, foreign)).join(" | ")};\n`;
  const isRoot = "typeMeta" in message.fields;
  const bases: string[] = [];
  const lines: string[] = [];
  for (const [key, field] of Object.entries(message.fields)) {
    if (isInline(field)) {
      bases.push(printReference(pkg, field.inline, foreign));
    } else {
      const isPresent = field.required === true || alwaysPresent.has(`${name}.${key}`)
        || (isRoot && field.pointer !== true && shapeOf(field.type).kind === "message");
      lines.push(`  readonly ${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}${isPresent ? "" : "?"}: ${printType(pkg, field, foreign)};`);
    }
  }
  const heritage = bases.length > 0 ? ` extends ${bases.join(", ")}` : "";
  return `export interface ${name}${heritage} {\n${lines.join("\n")}${lines.length > 0 ? "\n" : ""}}\n`;
}

function printType(pkg: SchemaPackage, field: Field, foreign: Map<string, Set<string>>): string {
  if (field.enum !== undefined && field.type === "string") return field.enum.map((value) => JSON.stringify(value)).join(" | ");
  const shape = shapeOf(field.type);
  switch (shape.kind) {
    case "scalar": return scalarTypes[shape.scalar] ?? "Json";
    case "message": return printReference(pkg, shape.message, foreign);
    case "list": return `readonly (${printType(pkg, { type: shape.item }, foreign)})[]`;
    case "map": return `Readonly<Record<string, ${printType(pkg, { type: shape.item }, foreign)}>>`;
  }
}

function printReference(pkg: SchemaPackage, message: string, foreign: Map<string, Set<string>>): string {
  const [owner = "", name = ""] = message.split(".");
  if (owner !== pkg.package) foreign.set(owner, (foreign.get(owner) ?? new Set()).add(name));
  return name;
}
