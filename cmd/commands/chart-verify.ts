import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { verifyProvenance } from "../../src/sources/charts/provenance.ts";
import { isProblem } from "../../src/sources/problem.ts";
import { sha256 } from "../../src/value/digest.ts";
import { startProcesses } from "../../src/world/real/processes.ts";
import { realWorld } from "../../src/world/real/world.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { parseWords } from "../parse.ts";

/** `capstan chart verify`: whether a package is the one somebody signed. */
export const chartVerifyCommand: Command = {
  name: "chart verify", usage: "PACKAGE --keyring FILE [--provenance FILE]", summary: "check a package against its provenance file, as helm package --sign writes it; needs the program gpgv",
  flags: {
    keyring: { type: "string", value: "FILE", help: "public keys that are trusted, as gpg --export writes them" },
    provenance: { type: "string", value: "FILE", help: "the provenance file (default PACKAGE.prov)" },
  },
  async run(context) {
    const words = parseWords(chartVerifyCommand, context.words, { min: 1, max: 1 });
    const file = words.names[0] ?? "";
    const keyringFile = words.text("keyring");
    if (keyringFile === undefined) throw new CommandError(exitCodes.usage, "chart verify needs --keyring FILE with the keys you trust; gpg --export KEY > FILE makes one");
    const packed = readNamed(file, "package");
    const keyring = readNamed(keyringFile, "keyring");
    const provenance = readNamed(words.text("provenance") ?? `${file}.prov`, "provenance file");
    const processes = startProcesses();
    try {
      const request = { what: file, keyring, provenance, fileName: basename(file), digest: sha256(packed) };
      const signer = await verifyProvenance(request, { world: realWorld(), processes, path: context.environment["PATH"] ?? "" }, context.signal);
      if (isProblem(signer)) throw new CommandError(exitCodes.refused, signer.message);
      context.output.print(`${file} is what ${signer.name} signed (key ${signer.fingerprint}, sha256:${request.digest})`);
      return exitCodes.done;
    } finally {
      await processes.close();
    }
  },
};

function readNamed(file: string, what: string): Uint8Array {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new CommandError(exitCodes.notFound, `there is no ${what} ${file}`);
  return readFileSync(file);
}
