import type { PipedProcess } from "../world/processes.ts";
import { DamagedError } from "./git-driver.ts";

/** An object of a repository as git holds it; `content` is undefined when it is larger than was asked for. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly content: Buffer | undefined;
}

/** A question on its way. */
export interface ObjectQuestion {
  /** What `git rev-parse` takes: an id, `main^{commit}`, `id^{tree}`. One line. */
  readonly name: string;
  /** Larger objects are not read. */
  readonly bytesMax: number;
  resolve(found: GitObject | undefined): void;
  reject(error: Error): void;
}

/** Standard error kept for the message. */
const complaintBytesMax = 4_096;
/** Exit code of git when it cannot go on. @see git's usage.c die */
const diedCode = 128;

/** One `git cat-file --batch`: questions go in, objects come out in the same order. Ends at `end`, on damage, or at an object that is too large to skip. */
export class ObjectSession {
  readonly #questions: ObjectQuestion[] = [];
  #process: PipedProcess | undefined;
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** The object whose content is being read, and how many bytes of it and its line end are there to come. */
  #open: { readonly id: string; readonly type: string; readonly sizeBytes: number } | undefined;
  #complaint = "";
  #isOver = false;
  /** Told once, with the questions that nobody has answered yet. */
  onOver: (unanswered: readonly ObjectQuestion[]) => void = () => undefined;

  constructor(starting: Promise<PipedProcess>) {
    starting.then((process) => { this.#begin(process); }, (error: unknown) => { this.#fail(error instanceof Error ? error : new Error(String(error))); });
  }

  get isIdle(): boolean {
    return this.#questions.length === 0;
  }

  ask(question: ObjectQuestion): void {
    this.#questions.push(question);
    this.#process?.stdin.write(`${question.name}\n`);
  }

  /** Answers nothing more: whoever waits is told why. */
  end(reason: Error): void {
    if (!this.#isOver) this.#fail(reason);
  }

  #begin(process: PipedProcess): void {
    process.stdin.on("error", () => undefined);
    if (this.#isOver) { stop(process); return; }
    this.#process = process;
    process.stderr.on("data", (chunk: Buffer) => { if (this.#complaint.length < complaintBytesMax) this.#complaint += chunk.toString("utf8"); });
    process.stdout.on("data", (chunk: Buffer) => { this.#take(chunk); });
    process.stdout.on("end", () => { void process.ended.then(({ exitCode, signal }) => { this.#ended(exitCode, signal); }); });
    if (this.#questions.length > 0) process.stdin.write(this.#questions.map(({ name }) => `${name}\n`).join(""));
  }

  #ended(exitCode: number | undefined, signal: string | undefined): void {
    if (this.#isOver) return;
    const complaint = this.#complaint.trim().split("\n")[0] ?? "";
    // A pack that was cut short while it was mapped ends git with SIGBUS.
    const isDamage = (exitCode === diedCode && !/No space left|Permission denied/iu.test(complaint)) || signal === "SIGBUS";
    const message = `git cat-file ended with ${String(exitCode ?? signal ?? "no code")}: ${complaint}`;
    this.#fail(isDamage ? new DamagedError(message) : new Error(message));
  }

  #fail(reason: Error): void {
    const unanswered = this.#questions.splice(0);
    this.#close();
    this.onOver([]);
    for (const question of unanswered) question.reject(reason);
  }

  #close(): void {
    this.#isOver = true;
    this.#parts = [];
    if (this.#process !== undefined) stop(this.#process);
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
    while (!this.#isOver) {
      if (this.#open !== undefined) {
        const { sizeBytes } = this.#open;
        if (this.#partBytes < sizeBytes + 1) return;
        const whole = this.#joined();
        this.#keep(whole.subarray(sizeBytes + 1));
        const object = { ...this.#open, content: whole.subarray(0, sizeBytes) };
        this.#open = undefined;
        this.#questions.shift()?.resolve(object);
      } else if (!this.#takeHead()) return;
    }
  }

  /** Reads `id type size` or `name missing`; false when the line is not whole. */
  #takeHead(): boolean {
    if (this.#parts.at(-1)?.includes(10) !== true && this.#parts.length > 1) return false;
    const whole = this.#joined();
    const end = whole.indexOf(10);
    if (end < 0) return false;
    const words = whole.toString("utf8", 0, end).split(" ");
    this.#keep(whole.subarray(end + 1));
    const question = this.#questions[0];
    const [id = "", type = "", size = ""] = words;
    if (words.length !== 3 || !/^\d+$/u.test(size)) {
      this.#questions.shift();
      question?.resolve(undefined);
      return true;
    }
    const object = { id, type, sizeBytes: Number(size) };
    if (question === undefined || object.sizeBytes <= question.bytesMax) { this.#open = object; return true; }
    // Git writes it whole, however large: who asked next asks another process.
    this.#questions.shift();
    const unanswered = this.#questions.splice(0);
    this.#close();
    this.onOver(unanswered);
    question.resolve({ ...object, content: undefined });
    return true;
  }

  #joined(): Buffer {
    const whole = this.#parts.length === 1 ? this.#parts[0] : undefined;
    return whole ?? Buffer.concat(this.#parts);
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#partBytes = rest.length;
  }
}

function stop(process: PipedProcess): void {
  process.kill("SIGKILL");
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.destroy();
}
