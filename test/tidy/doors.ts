/**
 * Where each npm package and each Node built-in with side effects enters (DESIGN 3). A path ending in `/` allows a folder.
 * Replacing a library is then a change in the files named here.
 */
export const packageDoors: Readonly<Record<string, readonly string[]>> = {};

/** Built-ins that touch the world. Pure ones (`node:path`, `node:util`, `node:assert`, `node:test`, `node:events`, `node:url`, `node:buffer`) are free. */
export const builtInDoors: Readonly<Record<string, readonly string[]>> = {};

/** Built-ins without side effects. */
export const freeBuiltIns: ReadonlySet<string> = new Set(["node:path", "node:util", "node:url", "node:buffer", "node:events", "node:string_decoder"]);
