/** The agent's one door to the file system. */
export { closeSync, existsSync, mkdirSync, openSync, promises as files, readdirSync, readFileSync, readlinkSync, realpathSync, statfsSync, statSync, watch, writeFileSync } from "node:fs";
export type { FSWatcher } from "node:fs";
