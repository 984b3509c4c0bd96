import { ApplicationKind } from "../../src/model/kinds/application.ts";
import { SecretKind } from "../../src/model/kinds/secret.ts";
import { refOf } from "../../src/model/object.ts";
import { pinsMember, pinsSecretName, pinsSecretType } from "../../src/reconcile/pin-store.ts";
import { parsePins, rotate, sitesOf } from "../../src/reconcile/pins.ts";
import { refreshAnnotation } from "../../src/reconcile/tracking.ts";
import { readApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { connectFlags, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** `capstan rotate`. */
export const rotateCommand: Command = {
  name: "rotate", usage: "APPLICATION [CALL-SITE] [--all]", summary: "renew a generated password, certificate, time or lookup; without a call site, list them",
  flags: { ...connectFlags, all: { type: "boolean", help: "renew all of them" } },
  async run(context) {
    const words = parseWords(rotateCommand, context.words, { min: 1, max: 2 });
    return withConnection(context, words.text("kubeconfig"), async ({ client }) => {
      const application = await readApplication(client, words);
      const ref = { namespace: application.metadata.namespace ?? "", name: pinsSecretName(application.metadata.name) };
      const secret = await client.get(SecretKind, ref);
      const pins = secret?.type === pinsSecretType ? parsePins(Buffer.from(secret.data?.[pinsMember] ?? "", "base64").toString()) : undefined;
      if (pins === undefined) throw new CommandError(exitCodes.notFound, `the templates of ${application.metadata.name} generate and look up nothing`);
      const known = sitesOf(pins);
      const asked = words.names[1];
      if (asked === undefined && !words.isSet("all")) {
        context.output.print(known.join("\n"));
        return exitCodes.done;
      }
      const sites = asked === undefined ? known : [asked];
      const unknown = sites.find((site) => !known.includes(site));
      if (unknown !== undefined) throw new CommandError(exitCodes.notFound, `${application.metadata.name} has no call site ${unknown}; it has:\n${known.join("\n")}`);
      const data = { [pinsMember]: Buffer.from(JSON.stringify(rotate(pins, sites, context.nowMs()))).toString("base64") };
      await client.patch(SecretKind, ref, { type: "merge", body: { metadata: { resourceVersion: secret?.metadata.resourceVersion ?? "" }, data } });
      await client.patch(ApplicationKind, refOf(application), { type: "merge", body: { metadata: { annotations: { [refreshAnnotation]: "Manual" } } } });
      context.output.print(`renewed ${sites.length === 1 ? sites[0] ?? "" : `${sites.length} call sites`}; the application renders again and is synced as its policy says`);
      return exitCodes.done;
    });
  },
};
