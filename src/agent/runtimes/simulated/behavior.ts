import { isJsonObject } from "../../../value/json.ts";

/** How a simulated container behaves, as data. Times count from its start. */
export interface Behavior {
  /** Starting fails with this waiting reason. */
  readonly startError?: string;
  /** Ready and alive from here on. */
  readonly readyAfterMs: number;
  /** Not ready again from here on. */
  readonly unreadyAfterMs?: number;
  /** Liveness fails from here on. */
  readonly sickAfterMs?: number;
  /** Ends by itself. */
  readonly exitAfterMs?: number;
  readonly exitCode: number;
  /** How long it takes to end after TERM; undefined ignores TERM. */
  readonly termAfterMs?: number;
  readonly logLines: readonly string[];
}

/** Starts at once, ready at once, ends at once on TERM. */
export const calmBehavior: Behavior = { readyAfterMs: 0, exitCode: 0, termAfterMs: 0, logLines: [] };

/** As calm, and done at once: an init container that never ended would keep its pod for good. */
export const initBehavior: Behavior = { ...calmBehavior, exitAfterMs: 0 };

/** The pod annotation that holds a behaviour as JSON, for all its containers: the simulation's levers. */
export const behaviorAnnotation = "capstan.dev/simulated";

/** Reads the annotation; what is missing or of another type is as in `base`. */
export function parseBehavior(text: string, base: Behavior): Behavior {
  const found: unknown = JSON.parse(text);
  if (!isJsonObject(found)) return base;
  const number = (name: string) => {
    const value = found[name];
    return typeof value === "number" ? value : undefined;
  };
  const lines = found["logLines"];
  const optional = (name: string, value: number | undefined) => (value === undefined ? {} : { [name]: value });
  return {
    readyAfterMs: number("readyAfterMs") ?? base.readyAfterMs, exitCode: number("exitCode") ?? base.exitCode,
    ...(found["ignoresTerm"] === true ? {} : { termAfterMs: number("termAfterMs") ?? 0 }),
    ...(typeof found["startError"] === "string" ? { startError: found["startError"] } : {}),
    ...optional("unreadyAfterMs", number("unreadyAfterMs")), ...optional("sickAfterMs", number("sickAfterMs")), ...optional("exitAfterMs", number("exitAfterMs") ?? base.exitAfterMs),
    logLines: Array.isArray(lines) ? lines.filter((line) => typeof line === "string") : [],
  };
}
