import type { JsonObject } from "../value/json.ts";

/** Something a request needs to know from outside the store before it can be decided: what a webhook says. Data only, so that asking stays out of the decision. */
export interface Question {
  /** Two questions with one key have one answer. */
  readonly key: string;
  /** Whom to ask. */
  readonly target: CallTarget;
  readonly body: JsonObject;
}

/** Where a webhook is. */
export interface CallTarget {
  /** `https://…`, with the path and query. */
  readonly url: string;
  /** Where the host of the URL really is, when it is no name the machine knows: a Service's address. */
  readonly address?: { readonly host: string; readonly port: number };
  /** PEM of the authorities it is trusted by; the machine's own when absent. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** What came back. A failure is an answer too: what follows from it is the asker's decision. */
export type Reply = { readonly kind: "answered"; readonly body: JsonObject } | {
  readonly kind: "failed";
  readonly message: string;
  /** The server was reached, and refused. */
  readonly isAnswer?: boolean;
};

/** A failure in the words of Go's client, which names the address where nobody was reached. */
export function printFailure({ message, isAnswer = false }: Extract<Reply, { readonly kind: "failed" }>, url: string): string {
  return isAnswer ? message : `Post ${JSON.stringify(url)}: ${message}`;
}

/** Asks outside. Never rejects. */
export interface Outside {
  ask(question: Question): Promise<Reply>;
}

/** The replies a request has got so far. */
export interface Replies {
  /** Every reply, in the order of the questions. Throws `Unanswered` when one is missing. */
  of(questions: readonly Question[]): readonly Reply[];
}

/** A try that cannot go on before these questions are answered. Caught by whoever prepares the request, never by a plugin. */
export class Unanswered extends Error {
  readonly questions: readonly Question[];

  constructor(questions: readonly Question[]) {
    super("the request waits for answers from outside");
    this.questions = questions;
  }
}

/** Replies that are kept for the later tries of one request. */
export class KeptReplies implements Replies {
  /** Made when something is asked: most requests ask nothing. */
  #known: Map<string, Reply> | undefined;

  of(questions: readonly Question[]): readonly Reply[] {
    const missing = questions.filter(({ key }) => this.#known?.has(key) !== true);
    if (missing.length > 0) throw new Unanswered(missing);
    return questions.flatMap(({ key }) => this.#known?.get(key) ?? []);
  }

  /** Asks all that is missing at once, and keeps what is answered. */
  async fetch(questions: readonly Question[], outside: Outside): Promise<void> {
    const known = this.#known ??= new Map();
    await Promise.all(questions.map(async (question) => { known.set(question.key, await outside.ask(question)); }));
  }
}

/** For an API that asks nobody. */
export const nobodyOutside: Outside = { ask: async () => ({ kind: "failed", message: "webhooks are not called here" }) };
