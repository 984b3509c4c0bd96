import { createToken } from "../../src/api/http/tokens.ts";
import { realChance } from "../../src/world/real/chance.ts";
import { realClock } from "../../src/world/real/clock.ts";
import { parseDuration } from "../../src/value/duration.ts";
import type { Command } from "../command.ts";
import { daemonFlags, withConnection } from "../connect.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** The roles a token can have. */
const roles: Readonly<Record<string, string>> = { admin: "capstan:admin", viewer: "capstan:viewer" };

/** `capstan token create`. */
export const tokenCreateCommand: Command = {
  name: "token create", usage: "USER [--role admin|viewer] [--lifetime 24h]", summary: "a token for kubectl, Git and the dashboard, shown once",
  flags: { ...daemonFlags, role: { type: "string", value: "NAME", help: "admin or viewer (default viewer)" }, lifetime: { type: "string", value: "DURATION", help: "how long it is good for (default: until revoked)" } },
  async run(context) {
    const words = parseWords(tokenCreateCommand, context.words, { min: 1, max: 1 });
    const group = roles[words.text("role") ?? "viewer"];
    if (group === undefined) throw new CommandError(exitCodes.usage, `--role ${words.text("role") ?? ""}: choose one of ${Object.keys(roles).join(", ")}`);
    const lifetime = words.text("lifetime");
    const created = await withConnection(context, words.text("kubeconfig"), ({ client }) => createToken(client, { chance: realChance, clock: realClock }, {
      user: words.names[0] ?? "", groups: [group], ...(lifetime === undefined ? {} : { lifetimeSeconds: parseDuration(lifetime) / 1000 }),
    }));
    context.output.note(`kept as Secret kube-system/${created.secretName}; delete it to revoke the token`);
    context.output.print(created.token);
    return exitCodes.done;
  },
};
