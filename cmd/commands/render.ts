import { boundFlags } from "../../src/render/bound-flags.ts";
import { asJson } from "../../src/value/json.ts";
import { printYamlDocuments } from "../../src/value/print-yaml.ts";
import { kinds } from "../../src/model/kinds.ts";
import { apiVersionOf } from "../../src/model/kind.ts";
import { withRenderer } from "../bounded-renders.ts";
import type { Command, CommandContext } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { printProblem, readChartFolder, readFolder, withValueFiles } from "../folder.ts";
import type { Folder } from "../folder.ts";
import { parseWords } from "../parse.ts";
import { outputForms } from "../print.ts";

/** `capstan render`: what a folder renders to, without a daemon. */
export const renderCommand: Command = {
  name: "render", usage: "[FOLDER] [--values FILE]… [--set KEY=VALUE]… [--set-file KEY=FILE]… [--name NAME] [--namespace NAME] [-o yaml|json]", summary: "render a folder or chart as the daemon would, without one",
  flags: {
    values: { type: "string", short: "f", value: "FILE", help: "a value file, inside the folder or not; may be repeated, later ones win" },
    set: { type: "string", value: "KEY=VALUE", help: "one value; may be repeated" }, "set-file": { type: "string", value: "KEY=FILE", help: "one value that is a file's text; may be repeated" }, name: { type: "string", value: "NAME", help: "release name (default: the folder's)" },
    namespace: { type: "string", short: "n", value: "NAME", help: "release namespace (default default)" }, only: { type: "string", value: "FILE", help: "only what this template gives, as templates/service.hbs" },
    upgrade: { type: "boolean", help: "as for a release that exists already" }, ...boundFlags, output: { type: "string", short: "o", value: "yaml|json", help: "form of the answer (default yaml)" },
  },
  run: (context) => runRender(context, readFolder),
};

/** `capstan chart render`: the same among the other commands for charts. */
export const chartRenderCommand: Command = { ...renderCommand, name: "chart render", summary: "render a chart, a folder or a package, as the daemon would", run: (context) => runRender(context, readChartFolder) };

async function runRender(context: CommandContext, read: (name: string) => Folder): Promise<number> {
  const words = parseWords(renderCommand, context.words, { min: 0, max: 1 });
  const form = words.text("output") ?? "yaml";
  if (form !== "yaml" && form !== "json") throw new CommandError(exitCodes.usage, `-o ${form}: choose one of ${outputForms.filter((one) => one !== "table").join(", ")}`);
  const folder = read(words.names[0] ?? ".");
  const texts = words.texts("set-file").map((text) => parseSetting(text, "set-file"));
  const valued = withValueFiles(folder, words.texts("values"));
  const { tree, valueFiles: textFiles } = withValueFiles({ ...folder, tree: valued.tree }, texts.map(({ value }) => value), "file");
  const fileParameters = texts.map(({ name }, index) => ({ name, path: textFiles[index] ?? "" }));
  return withRenderer(words, async (renderer) => {
    const result = await renderer.render({
      tree, valueFiles: valued.valueFiles, values: {}, parameters: words.texts("set").map((text) => parseSetting(text, "set")), fileParameters,
      release: { name: words.text("name") ?? folder.path.split("/").at(-1)?.replace(/\.tgz$/, "").replaceAll(/[^a-z0-9-]/g, "-") ?? "release", namespace: words.text("namespace") ?? "default", revision: words.isSet("upgrade") ? 2 : 1, isInstall: !words.isSet("upgrade") },
      directory: { recurse: true, include: "", exclude: "" }, capabilities: { kubeVersion: "v1.33.0", apiVersions: [...new Set(kinds.map(apiVersionOf))] },
    }, context.signal);
    if (result.kind === "failed") throw new CommandError(exitCodes.refused, result.problems.map(printProblem).join("\n"));
    if (result.manifests.length === 0) context.output.note("it renders no object at all, and a push of it would be refused");
    const only = words.text("only");
    const shown = only === undefined ? result.manifests : result.manifests.filter(({ place }) => place.file === only);
    if (only !== undefined && shown.length === 0) throw new CommandError(exitCodes.notFound, `${only} gives no object; those that do are ${[...new Set(result.manifests.map(({ place }) => place.file))].join(", ")}`);
    const objects = shown.map((manifest) => asJson(manifest.object));
    context.output.print(form === "json" ? JSON.stringify(objects, null, 2) : printYamlDocuments(objects).trimEnd());
    return exitCodes.done;
  });
}

/** `image.tag=1.2`. Throws CommandError. */
function parseSetting(text: string, flag: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError(exitCodes.usage, `--${flag} ${text}: write KEY=${flag === "set" ? "VALUE" : "FILE"}`);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
