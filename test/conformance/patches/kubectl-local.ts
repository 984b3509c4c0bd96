import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject } from "../../../src/value/json.ts";
import { useProgram } from "../program.ts";
import type { PatchRound } from "./random-patches.ts";

/** How a patch of one object came out: the object, or undefined where it was refused. */
export type Patched = JsonObject | undefined;

/** A member that tells the answers apart; nobody's schema has it, so no patch touches it. */
const caseMember = "caseNumber";

/** Patches objects with kubectl, without a server. All of one round go through one process. */
export async function patchLocally(path: string, { type, objects, patch }: Omit<PatchRound, "kind">): Promise<{ readonly patched: readonly Patched[]; readonly stderr: string }> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-patch-"));
  try {
    const file = join(directory, "objects.json");
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects.map((object, index) => ({ ...object, [caseMember]: index })) }));
    const { stdout, stderr } = await useProgram(path, directory).run(["patch", "--local", "-f", file, `--type=${type}`, "-p", JSON.stringify(patch), "-o", "json"]);
    const answers = new Map(documentsOf(stdout).map((document) => [document[caseMember], withoutCase(document)] as const));
    return { patched: objects.map((_object, index) => answers.get(index)), stderr };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function withoutCase({ [caseMember]: _number, ...object }: JsonObject): JsonObject {
  return object;
}

/** kubectl prints one indented object after the other. */
function documentsOf(stdout: string): readonly JsonObject[] {
  return stdout.split(/^(?=\{$)/m).filter((text) => text.trim() !== "").map((text) => JSON.parse(text) as Json as JsonObject);
}
