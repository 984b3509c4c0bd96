import { writeFileSync } from "node:fs";
import { printTypes } from "./print-types.ts";
import { schemaPackages } from "./schema.ts";

/** The file a package lives in, without its ending: `core/v1` is `core-v1`. */
export function fileOfPackage(name: string): string {
  return name.replace("/", "-");
}

if (import.meta.main) {
  for (const pkg of schemaPackages) {
    writeFileSync(new URL(`generated/${fileOfPackage(pkg.package)}.ts`, import.meta.url), printTypes(pkg, fileOfPackage));
  }
}
