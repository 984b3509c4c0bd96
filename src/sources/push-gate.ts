import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "../value/json.ts";
import type { World } from "../world/world.ts";
import { isObjectId, isZeroId } from "./git-objects.ts";
import { pushVerdictTimeoutMs } from "./limits.ts";
import { makePrivateFolder, makeTemporaryFolder, removeFolder, writeProgram } from "./mirror-files.ts";

/** Linux holds socket paths of up to 107 bytes (sun_path, unix(7)). */
const socketPathBytesMax = 107;
/** What a hook may send: the updates of a push of some thousand refs. */
const questionBytesMax = 4_194_304;
/** The hook waits a little longer than the daemon, so that the daemon's own line is the one shown. */
const hookGraceMs = 5_000;

/** One ref a push changes; an absent side means the ref is made or deleted. */
export interface PushUpdate {
  readonly ref: string;
  readonly oldCommit?: string;
  readonly newCommit?: string;
}

/** The answer to a push; the lines appear at the pusher as `remote: …`. */
export interface PushVerdict {
  readonly accepted: boolean;
  readonly lines: readonly string[];
}

/** A push git asks about: what it changes, and the environment in which its objects can be read. */
export interface PushQuestion {
  readonly updates: readonly PushUpdate[];
  readonly quarantine: Readonly<Record<string, string>>;
}

/** The line between git's pre-receive hook and the daemon: a unix socket only this user may reach. */
export class PushGate {
  readonly #world: World;
  readonly #server: Server;
  readonly #pending = new Map<string, (question: PushQuestion) => Promise<PushVerdict>>();
  readonly #timeoutMs: number;
  #socketPath = "";
  #temporary: string | undefined;

  constructor(world: World, options: { readonly timeoutMs?: number } = {}) {
    this.#world = world;
    this.#timeoutMs = options.timeoutMs ?? pushVerdictTimeoutMs;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => { void this.#answer(socket); });
  }

  /** Listens, and writes the hook that asks. `directory` is ours alone. */
  async start(options: { readonly directory: string; readonly nodePath: string }): Promise<void> {
    await makePrivateFolder(options.directory);
    let folder = options.directory;
    if (Buffer.byteLength(join(folder, "push.sock")) > socketPathBytesMax) {
      folder = await makeTemporaryFolder();
      this.#temporary = folder;
    }
    this.#socketPath = join(folder, "push.sock");
    await removeFolder(this.#socketPath);
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#socketPath, resolve);
    });
    const script = fileURLToPath(new URL("hooks/pre-receive.mjs", import.meta.url));
    await writeProgram(join(options.directory, "pre-receive"), `#!/bin/sh\nexec ${quote(options.nodePath)} ${quote(script)}\n`);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => { this.#server.close(() => { resolve(); }); });
    if (this.#temporary !== undefined) await removeFolder(this.#temporary);
  }

  /** Expects one push. The environment goes to git; `close` ends the expectation. */
  expect(judge: (question: PushQuestion) => Promise<PushVerdict>): { readonly environment: Record<string, string>; close(): void } {
    const id = this.#world.chance.uuid();
    this.#pending.set(id, judge);
    return {
      environment: { CAPSTAN_PUSH_ID: id, CAPSTAN_PUSH_SOCKET: this.#socketPath, CAPSTAN_PUSH_TIMEOUT_MS: String(this.#timeoutMs + hookGraceMs) },
      close: () => { this.#pending.delete(id); },
    };
  }

  async #answer(socket: Socket): Promise<void> {
    socket.on("error", (error) => { this.#world.log.warn("the hook of a push went away", { error }); });
    try {
      const question = parseQuestion(await readAll(socket));
      const judge = question === undefined ? undefined : this.#pending.get(question.id);
      const verdict = question === undefined || judge === undefined
        ? { accepted: false, lines: ["Capstan does not know this push; nothing was taken."] }
        : await this.#judgeInTime(judge, question);
      socket.end(JSON.stringify(verdict));
    } catch (error) {
      this.#world.log.error("a push could not be judged", { error });
      socket.end(JSON.stringify({ accepted: false, lines: ["Capstan could not judge this push (its log says why); nothing was taken."] }));
    }
  }

  async #judgeInTime(judge: (question: PushQuestion) => Promise<PushVerdict>, question: PushQuestion): Promise<PushVerdict> {
    const { promise: late, resolve } = Promise.withResolvers<PushVerdict>();
    const cancel = this.#world.clock.after(this.#timeoutMs, () => {
      resolve({ accepted: false, lines: [`Capstan found no verdict within ${this.#timeoutMs / 1000} s; nothing was taken. Push again.`] });
    });
    try {
      return await Promise.race([judge(question), late]);
    } finally {
      cancel();
    }
  }
}

/** Reads the lines `old new ref` of a pre-receive hook. @see githooks(5) */
export function parseUpdates(text: string): readonly PushUpdate[] {
  const updates: PushUpdate[] = [];
  for (const line of text.split("\n")) {
    const [oldId = "", newId = "", ...ref] = line.split(" ");
    if (!isObjectId(oldId) || !isObjectId(newId)) continue;
    updates.push({ ref: ref.join(" "), ...(isZeroId(oldId) ? {} : { oldCommit: oldId }), ...(isZeroId(newId) ? {} : { newCommit: newId }) });
  }
  return updates;
}

function parseQuestion(text: string): (PushQuestion & { readonly id: string }) | undefined {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || typeof value["id"] !== "string" || typeof value["updates"] !== "string") return undefined;
  const quarantine: Record<string, string> = {};
  const given = value["quarantine"];
  if (isJsonObject(given)) for (const [name, path] of Object.entries(given)) if (typeof path === "string") quarantine[name] = path;
  return { id: value["id"], updates: parseUpdates(value["updates"]), quarantine };
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > questionBytesMax) throw new Error("a push changes too many refs");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
