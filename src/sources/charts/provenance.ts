import { join } from "node:path";
import { isJsonObject } from "../../value/json.ts";
import type { Json } from "../../value/json.ts";
import { parseYamlDocuments, YamlError } from "../../value/yaml.ts";
import { StartError } from "../../world/processes.ts";
import type { Processes } from "../../world/processes.ts";
import type { RepositoryProblem } from "../../world/repositories.ts";
import type { World } from "../../world/world.ts";
import { makeTemporaryFolder, readText, removeFolder, writeBytes } from "../mirror-files.ts";
import { problem } from "../problem.ts";
import { readKeyring } from "./keyring.ts";

/** A provenance file holds a Chart.yaml and one digest: Helm's own limit for what it reads of one is none, and real ones have two kilobytes. */
export const provenanceBytesMax = 1_048_576;
/** Checking a signature takes milliseconds. */
const timeoutMs = 30_000;
/** What the checking program says is a dozen lines. */
const statusBytesMax = 65_536;

/** What verifying needs of the world. */
export interface VerifyTools {
  readonly world: World;
  readonly processes: Processes;
  /** Where programs are looked for: PATH. */
  readonly path: string;
}

/** What is to be verified. */
export interface VerifyRequest {
  /** The package as people know it, for messages. */
  readonly what: string;
  /** Public keys that are trusted, as `gpg --export` writes them, armoured or not. */
  readonly keyring: Uint8Array;
  /** The `.prov` file. */
  readonly provenance: Uint8Array;
  /** The package's file name, `shop-1.2.3.tgz`, and its SHA-256 in hexadecimal digits. */
  readonly fileName: string;
  readonly digest: string;
}

/** Whose signature it is. */
export interface Signer {
  /** Of the key that signed, 40 or 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** As the key names itself. */
  readonly name: string;
}

/**
 * Verifies a chart's provenance file, as `helm package --sign` writes it: a clear-signed OpenPGP message that names the package's digest. GnuPG's `gpgv` checks
 * the signature, in a folder that is removed, and what it writes out as signed is all that is read.
 */
export async function verifyProvenance(request: VerifyRequest, tools: VerifyTools, signal: AbortSignal): Promise<Signer | RepositoryProblem> {
  const { what } = request;
  const keys = readKeyring(request.keyring);
  if (keys === undefined) return problem("Unauthorized", `${what}: the keyring holds no OpenPGP public keys; give it what \`gpg --export\` writes`);
  const folder = await makeTemporaryFolder();
  try {
    await Promise.all([writeBytes(join(folder, "keys.gpg"), keys), writeBytes(join(folder, "chart.prov"), request.provenance)]);
    const status = await runGpgv(folder, tools, signal);
    if (status === undefined) return problem("NotAllowed", `${what}: its signature cannot be checked, since the program gpgv is not installed; install it (Debian's package gpgv, elsewhere GnuPG)`);
    const signer = readStatus(status);
    if (signer === undefined) return problem("Damaged", `${what}: its provenance file is not signed by a key of the keyring (${describeFailure(status.text)}); it is not used`);
    const wrong = checkSigned(await readText(join(folder, "signed")) ?? "", request);
    return wrong === undefined ? signer : problem("Damaged", `${what}: ${wrong}; it is not used`);
  } finally {
    await removeFolder(folder);
  }
}

/** What `gpgv` told by its status lines, and how it ended. @see GnuPG doc/DETAILS */
export interface GpgvStatus {
  readonly exitCode: number | undefined;
  readonly text: string;
}

/** The signer of a message that is wholly good: the program agrees, and there is one signature, of a key that is neither expired nor revoked. Pure. */
export function readStatus({ exitCode, text }: GpgvStatus): Signer | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  const words = lines.map((line) => line.split(" "));
  if (exitCode !== 0 || words.some(([mark]) => mark !== "[GNUPG:]")) return undefined;
  const named = (name: string): readonly (readonly string[])[] => words.filter(([, keyword]) => keyword === name);
  const [valid, ...others] = named("VALIDSIG");
  const [good] = named("GOODSIG");
  if (valid === undefined || good === undefined || others.length > 0 || named("NEWSIG").length > 1 || named("PLAINTEXT").length !== 1) return undefined;
  if (words.some(([, keyword = ""]) => /^(?:BADSIG|ERRSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|NO_PUBKEY|NODATA|FAILURE|ERROR|UNEXPECTED)$/.test(keyword))) return undefined;
  const fingerprint = valid[2] ?? "";
  return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint) ? { fingerprint, name: good.slice(3).join(" ") } : undefined;
}

/** What is wrong with a signed text, or undefined: two documents, the chart's metadata and the digests of files. Pure. */
export function checkSigned(text: string, { fileName, digest }: Pick<VerifyRequest, "fileName" | "digest">): string | undefined {
  try {
    const [metadata, sums] = parseYamlDocuments(text, "the provenance file").map(({ value }) => value);
    const files = isJsonObject(sums) ? sums["files"] : undefined;
    if (!isJsonObject(metadata) || !isJsonObject(files)) return "its provenance file names no digests of files";
    const [name, version] = [textOf(metadata["name"]), textOf(metadata["version"])];
    if (`${name}-${version}.tgz` !== fileName) return `its provenance file is that of ${name} ${version}`;
    const promised = files[fileName];
    if (typeof promised !== "string") return `its provenance file says nothing of ${fileName}`;
    return promised === `sha256:${digest}` ? undefined : `its digest is sha256:${digest}, and ${promised} was signed`;
  } catch (error) {
    if (error instanceof YamlError) return `its provenance file cannot be read: ${error.message}`;
    throw error;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}

const failures: readonly (readonly [RegExp, string])[] = [
  [/ REVKEYSIG /, "the key was revoked"], [/ EXPKEYSIG /, "the key has expired"], [/ EXPSIG /, "the signature has expired"], [/ BADSIG /, "the text was changed after it was signed"],
  [/ NO_PUBKEY /, "the key is not in the keyring"], [/ NODATA /, "it holds no signature"],
];

function describeFailure(text: string): string {
  return failures.find(([pattern]) => pattern.test(text))?.[1] ?? "the signature cannot be checked";
}

/** Runs `gpgv`; undefined where it is not installed. */
async function runGpgv(folder: string, { world, processes, path }: VerifyTools, signal: AbortSignal): Promise<GpgvStatus | undefined> {
  signal.throwIfAborted();
  const command = ["gpgv", "--homedir", folder, "--keyring", join(folder, "keys.gpg"), "--status-fd", "1", "--output", join(folder, "signed"), join(folder, "chart.prov")];
  const child = await processes.startPiped({ command, environment: { PATH: path, LC_ALL: "C.UTF-8" }, directory: "/" }).catch((error: unknown) => {
    if (error instanceof StartError && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (child === undefined) return undefined;
  const end = (): void => { child.kill("SIGKILL"); };
  const stopTimer = world.clock.after(timeoutMs, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    let text = "";
    child.stdin.on("error", () => { /* It reads nothing. */ });
    child.stdin.end();
    child.stderr.resume();
    child.stdout.on("data", (chunk: Buffer) => {
      if (text.length > statusBytesMax) end();
      else text += chunk.toString("utf8");
    });
    const isTold = new Promise((resolve) => { child.stdout.once("close", resolve); });
    const [ended] = await Promise.all([child.ended, isTold]);
    signal.throwIfAborted();
    return { exitCode: ended.exitCode, text };
  } finally {
    stopTimer();
    signal.removeEventListener("abort", end);
  }
}
