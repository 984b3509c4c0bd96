import type { Source } from "./origin.ts";
import { noSources } from "./traced.ts";

/** One step into a branch, a call or a text from values; `outer` is the context around it. */
export interface TraceContext {
  readonly id: number;
  readonly outer: TraceContext | undefined;
  /** `file:line:column` of the call that led here. */
  readonly through: string | undefined;
  /** What decided that anything here is there. */
  readonly conditions: readonly Source[];
  /** What all that is written here is made of, besides its own. */
  readonly made: readonly Source[];
}

/** What is known of a context when it is opened. */
export type ContextFacts = Partial<Pick<TraceContext, "through" | "conditions" | "made">>;

/** Where in its templates a render is: the contexts it has been in, by their numbers, and the one it is in now. */
export class TraceContexts {
  readonly all: TraceContext[];
  #current: TraceContext;

  constructor() {
    this.#current = { id: 0, outer: undefined, through: undefined, conditions: noSources, made: noSources };
    this.all = [this.#current];
  }

  get current(): TraceContext {
    return this.#current;
  }

  /** A new context in the current one, which stays current. */
  open({ through, conditions = noSources, made = noSources }: ContextFacts): TraceContext {
    const context = { id: this.all.length, outer: this.#current, through, conditions, made };
    this.all.push(context);
    return context;
  }

  /** Runs `run` in a context of its own. */
  within<T>(facts: ContextFacts, run: () => T): T {
    const outer = this.#current;
    this.#current = this.open(facts);
    try {
      return run();
    } finally {
      this.#current = outer;
    }
  }

  /** What follows is in a context of its own, until `leave`. */
  enter(facts: ContextFacts): void {
    this.#current = this.open(facts);
  }

  leave(): void {
    this.#current = this.#current.outer ?? this.#current;
  }

  /** Back to where nothing surrounds anything. */
  leaveAll(): void {
    while (this.#current.outer !== undefined) this.#current = this.#current.outer;
  }
}

/** A context and those around it, outermost first. */
export function chainOf(context: TraceContext | undefined): readonly TraceContext[] {
  const chain: TraceContext[] = [];
  for (let one = context; one !== undefined; one = one.outer) chain.push(one);
  return chain.toReversed();
}
