import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { createRenderer } from "../../src/render/renderer.ts";
import { printPlace } from "../../src/render/render.ts";
import { sha256 } from "../../src/value/digest.ts";
import type { FileTree } from "../../src/value/file-tree.ts";
import { asJson } from "../../src/value/json.ts";
import { printYamlDocuments } from "../../src/value/print-yaml.ts";
import { kinds } from "../../src/model/kinds.ts";
import { apiVersionOf } from "../../src/model/kind.ts";
import { realWorld } from "../../src/world/real/world.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** Files of a folder read from disk at most; Git's own limit for a tree. */
const filesMax = 10_000;

/** `capstan render`: what a folder renders to, without a daemon. */
export const renderCommand: Command = {
  name: "render", usage: "FOLDER [--values FILE]… [--name NAME] [--namespace NAME]", summary: "render a folder or chart as the daemon would, without one",
  flags: {
    values: { type: "string", short: "f", value: "FILE", help: "a value file inside the folder" }, name: { type: "string", value: "NAME", help: "release name (default: the folder's)" },
    namespace: { type: "string", short: "n", value: "NAME", help: "release namespace (default default)" }, set: { type: "string", value: "KEY=VALUE", help: "one value" },
  },
  async run(context) {
    const words = parseWords(renderCommand, context.words, { min: 1, max: 1 });
    const folder = resolve(words.names[0] ?? ".");
    const tree = readFolder(folder);
    const renderer = createRenderer({ world: realWorld() });
    try {
      const file = words.text("values");
      const set = words.text("set");
      const result = await renderer.render({
        tree, release: { name: words.text("name") ?? folder.split("/").at(-1) ?? "release", namespace: words.text("namespace") ?? "default", revision: 1, isInstall: true },
        valueFiles: file === undefined ? [] : [file], values: {}, parameters: set === undefined ? [] : [{ name: set.slice(0, set.indexOf("=")), value: set.slice(set.indexOf("=") + 1) }],
        directory: { recurse: true, include: "", exclude: "" }, capabilities: { kubeVersion: "v1.33.0", apiVersions: [...new Set(kinds.map(apiVersionOf))] },
      }, context.signal);
      if (result.kind === "failed") throw new CommandError(exitCodes.refused, result.problems.map((problem) => (problem.place === undefined ? problem.message : `${printPlace(problem.place)}: ${problem.message}`)).join("\n"));
      context.output.print(printYamlDocuments(result.manifests.map((manifest) => asJson(manifest.object))).trimEnd());
      return exitCodes.done;
    } finally {
      await renderer.close();
    }
  },
};

function readFolder(folder: string): FileTree {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new CommandError(exitCodes.notFound, `${folder} is no folder`);
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes("/.git") || files.size >= filesMax) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), readFileSync(path));
  }
  return { kind: "tree", digest: `sha256:${sha256([...files.keys()].join("\n"))}`, files };
}
