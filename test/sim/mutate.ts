import { registerHooks } from "node:module";
import { mutants } from "./mutants.ts";

/** Loaded before everything else: breaks the rule that the environment names, in the text of its file. */
const mutant = mutants.find(({ name }) => name === process.env["SIM_MUTANT"]);

if (mutant !== undefined) {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/${mutant.file}`)) return loaded;
      const text = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
      if (!text.includes(mutant.find)) throw new Error(`${mutant.file} has changed: the mutant "${mutant.name}" does not apply any more`);
      return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) };
    },
  });
}
