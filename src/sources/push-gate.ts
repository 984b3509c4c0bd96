import type { PipeLine } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { isObjectId, isZeroId } from "./git-objects.ts";
import { answerWords, questionEnd } from "./hook-script.ts";
import { pushVerdictTimeoutMs } from "./limits.ts";

/** Git takes ref names of up to a file name's length for each part; most have some tens of bytes. */
const updateBytesMax = 1_024;

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

/** Answers what git's pre-receive hook asks on its line; a line that ends without a question is a push that git refused by itself. */
export async function answerHook(line: PipeLine, options: { readonly world: World; readonly refsMax: number; readonly timeoutMs?: number; readonly judge: (question: PushQuestion) => Promise<PushVerdict> }): Promise<void> {
  const { world, timeoutMs = pushVerdictTimeoutMs } = options;
  line.on("error", (error) => { world.log.warn("the hook of a push went away", { error }); });
  try {
    const text = await readQuestion(line, options.refsMax * updateBytesMax);
    if (text !== undefined) line.end(printAnswer(await judgeInTime(parseQuestion(text), { ...options, timeoutMs })));
  } catch (error) {
    world.log.error("a push could not be judged", { error });
    line.end(printAnswer({ accepted: false, lines: ["Capstan could not judge this push (its log says why); nothing was taken."] }));
  } finally {
    line.end();
    line.resume();
  }
}

async function judgeInTime(question: PushQuestion, { world, timeoutMs, judge }: { readonly world: World; readonly timeoutMs: number; readonly judge: (question: PushQuestion) => Promise<PushVerdict> }): Promise<PushVerdict> {
  const { promise: late, resolve } = Promise.withResolvers<PushVerdict>();
  const cancel = world.clock.after(timeoutMs, () => {
    resolve({ accepted: false, lines: [`Capstan found no verdict within ${timeoutMs / 1000} s; nothing was taken. Push again.`] });
  });
  try {
    return await Promise.race([judge(question), late]);
  } finally {
    cancel();
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

/** Reads what the hook asks: where the objects of the push lie, then its updates. */
export function parseQuestion(text: string): PushQuestion {
  const places = [...text.matchAll(/^(GIT_[A-Z_]+)=(.+)$/gmu)].map(([, name = "", place = ""]) => [name, place] as const);
  return { updates: parseUpdates(text), quarantine: Object.fromEntries(places) };
}

/** One line for the hook, then those for the pusher. */
export function printAnswer({ accepted, lines }: PushVerdict): string {
  return `${[accepted ? answerWords.accepted : answerWords.refused, ...lines].join("\n")}\n`;
}

/** Everything up to the line that ends a question; undefined when the line is closed before. */
async function readQuestion(line: PipeLine, bytesMax: number): Promise<string | undefined> {
  const end = `\n${questionEnd}\n`;
  const chunks: Buffer[] = [];
  let size = 0;
  let tail = "";
  for await (const read of line.iterator({ destroyOnReturn: false })) {
    const chunk = read as Buffer;
    chunks.push(chunk);
    size += chunk.length;
    tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - end.length))).slice(-end.length);
    if (tail === end) return Buffer.concat(chunks).toString("utf8");
    if (size > bytesMax) throw new Error("a push changes too many refs");
  }
  return undefined;
}
