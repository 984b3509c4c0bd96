import { RepositoryKind } from "../../src/model/kinds/repository.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import type { Command } from "../command.ts";
import { flagsWithNamespace, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** Environment variables a password is taken from: never a flag, which every process of the machine could read. */
const passwordVariable = "CAPSTAN_REPO_PASSWORD";
const webhookVariable = "CAPSTAN_REPO_WEBHOOK_SECRET";

/** `capstan repo add`. */
export const repoAddCommand: Command = {
  name: "repo add", usage: "NAME (--url URL | --hosted) [--username NAME]", summary: "make a repository known, with its credentials, or host one here",
  flags: {
    ...flagsWithNamespace("namespace of the repository (default default)"), url: { type: "string", value: "URL", help: "https:// or http:// address of an outside repository" }, hosted: { type: "boolean", help: "host it here, at /git/NAME.git" },
    username: { type: "string", value: "NAME", help: `its user; the password or token is read from ${passwordVariable}, a webhook secret from ${webhookVariable}` },
    insecure: { type: "boolean", help: "allow plain http://" },
  },
  async run(context) {
    const words = parseWords(repoAddCommand, context.words, { min: 1, max: 1 });
    const name = words.names[0] ?? "";
    const namespace = words.text("namespace") ?? "default";
    const url = words.text("url");
    if ((url === undefined) === !words.isSet("hosted")) throw new CommandError(exitCodes.usage, "say either --url URL or --hosted");
    const password = context.environment[passwordVariable];
    const webhook = context.environment[webhookVariable];
    const encode = (text: string) => Buffer.from(text).toString("base64");
    await withConnection(context, words.text("kubeconfig"), async ({ client }) => {
      const secret = async (suffix: string, data: Readonly<Record<string, string>>) => {
        const created = await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: { name: `${name}-${suffix}`, namespace }, type: "Opaque", data });
        return { name: created.metadata.name };
      };
      const secretRef = password === undefined ? undefined : await secret("credentials", { username: encode(words.text("username") ?? "git"), password: encode(password) });
      const webhookSecretRef = webhook === undefined ? undefined : await secret("webhook", { secret: encode(webhook) });
      await client.create(RepositoryKind, {
        apiVersion: "capstan.dev/v1", kind: "Repository", metadata: { name, namespace }, status: {},
        spec: { ...(url === undefined ? { hosted: true } : { url }), ...(secretRef === undefined ? {} : { secretRef }), ...(webhookSecretRef === undefined ? {} : { webhookSecretRef }), ...(words.isSet("insecure") ? { insecure: true } : {}) },
      });
    });
    context.output.print(`repository ${namespace}/${name} is known${words.isSet("hosted") ? `; clone it from /git/${name}.git of the web address with a token as password` : ""}`);
    return exitCodes.done;
  },
};
