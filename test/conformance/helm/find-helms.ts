import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findInPath } from "../program.ts";
import { fetchedHelms } from "./fetch-helm.ts";

/** A Helm program of this machine, and its version: `3.17`. */
export interface Helm {
  readonly version: string;
  readonly path: string;
}

/** Those that were fetched for the tests, those of `CAPSTAN_HELM` (paths between commas), and the one in the PATH; one for each minor version. */
export function findHelms(): readonly Helm[] {
  const given = (process.env["CAPSTAN_HELM"] ?? "").split(",").filter((path) => existsSync(path));
  const byVersion = new Map<string, string>();
  for (const path of [...given, ...findInPath("helm"), ...fetchedHelms()]) {
    const version = /^v(\d+\.\d+)\./.exec(spawnSync(path, ["version", "--short"], { encoding: "utf8" }).stdout)?.[1];
    if (version !== undefined && !byVersion.has(version)) byVersion.set(version, path);
  }
  return [...byVersion].map(([version, path]) => ({ version, path }));
}
