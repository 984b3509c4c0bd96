import { isJsonObject } from "../../src/value/json.ts";
import type { Json } from "../../src/value/json.ts";
import { printYaml } from "../../src/value/print-yaml.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";
import { outputFlag, parseOutputForm } from "../print.ts";
import { plainText } from "../table.ts";

/** `capstan explain`. */
export const explainCommand: Command = {
  name: "explain", usage: "KIND/NAME [FIELD] --app APPLICATION [-n NAMESPACE] [-o table|json|yaml]", summary: "which line of which file, and which values, a field comes from",
  flags: {
    ...connectFlags, ...outputFlag, app: { type: "string", value: "APPLICATION", help: "the application the object belongs to" },
    "object-namespace": { type: "string", value: "NAMESPACE", help: "where the object lies, when the application has several of that name" },
  },
  async run(context) {
    const words = parseWords(explainCommand, context.words, { min: 1, max: 2 });
    const form = parseOutputForm(words.text("output"));
    const [object = "", field = ""] = words.names;
    const [kind = "", name = "", ...rest] = object.split("/");
    const application = words.text("app");
    if (application === undefined || kind === "" || name === "" || rest.length > 0) throw new CommandError(exitCodes.usage, `usage: capstan explain ${explainCommand.usage}`);
    return withConnection(context, words.text("kubeconfig"), async (connection) => {
      const query = new URLSearchParams({ kind, name, field, namespace: words.text("object-namespace") ?? "" });
      const answer = await connection.read(`/apis/capstan.dev/v1/namespaces/${encodeURIComponent(words.text("namespace") ?? "default")}/applications/${encodeURIComponent(application)}/explain?${query.toString()}`);
      if (form === "table") context.output.print(linesOf(answer).join("\n"));
      else context.output.print(form === "json" ? JSON.stringify(answer, null, 2) : printYaml(answer).trimEnd());
      return exitCodes.done;
    });
  },
};

function linesOf(answer: Json): readonly string[] {
  if (!isJsonObject(answer) || !Array.isArray(answer["lines"])) return [];
  return (answer["lines"] as readonly Json[]).map((line) => (typeof line === "string" ? plainText(line) : ""));
}
