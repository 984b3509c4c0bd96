import { ApiError } from "../model/api-error.ts";
import type { FieldError } from "../model/field-error.ts";
import type { ApiContext } from "./context.ts";
import { badRequest, invalidOptions } from "./errors.ts";
import type { ListRequest } from "./verbs.ts";

/** Which state a list may show. */
export interface RevisionRule {
  /** Exactly this one; undefined for the newest. */
  readonly exact: number | undefined;
  /** At least this one. */
  readonly notBefore: number;
}

/** How long a request for a revision the store has not reached waits, as upstream's watch cache. */
const revisionWaitMs = 3_000;

/** How often the store is looked at meanwhile. */
const revisionPollMs = 100;

/** Reads resourceVersion and resourceVersionMatch of a list. Throws BadRequest or Invalid with upstream's messages. */
export function readRevision(request: ListRequest): RevisionRule {
  const { resourceVersion = "", resourceVersionMatch: match = "" } = request;
  const isContinued = request.continue !== undefined && request.continue !== "";
  checkMatch({ resourceVersion, match, isContinued });
  if (isContinued && resourceVersion !== "" && resourceVersion !== "0") throw badRequest("specifying resource version is not allowed when using continue");
  const revision = parseRevision(resourceVersion);
  // The first page of a limited list shows the very revision it asks for, unless it says otherwise; without a limit a later one will do.
  const isLimited = request.limit !== undefined && request.limit > 0 && match === "" && revision > 0;
  if ((match === "Exact" || isLimited) && !isContinued) return { exact: revision, notBefore: revision };
  return { exact: undefined, notBefore: revision };
}

/** Reads a revision; "" and "0" are 0, which asks for none. Throws BadRequest with upstream's message. */
export function parseRevision(text: string): number {
  if (text === "") return 0;
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    const why = /^[0-9]+$/.test(text) ? "value out of range" : "invalid syntax";
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  }
  return Number(text);
}

/** Waits until the store has reached a revision. Throws Timeout as upstream when it does not in time. */
export async function waitForRevision(context: ApiContext, revision: number): Promise<void> {
  const { clock } = context.world;
  const untilMs = clock.monotonicMs() + revisionWaitMs;
  while (context.store.revision < revision) {
    if (clock.monotonicMs() >= untilMs) throw tooLarge(revision, context.store.revision);
    await clock.sleep(revisionPollMs);
  }
}

/** The revision a list asks for is gone. */
export function listExpired(cause: unknown): ApiError {
  return new ApiError("Expired", "The resourceVersion for the provided list is too old.", { cause });
}

function tooLarge(asked: number, current: number): ApiError {
  return new ApiError("Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    details: { retryAfterSeconds: 1 },
    // Informers ask for this cause, and list the newest state instead.
    causes: [{ type: "ResourceVersionTooLarge", path: "", detail: "Too large resource version" }],
  });
}

function checkMatch({ resourceVersion, match, isContinued }: { readonly resourceVersion: string; readonly match: string; readonly isContinued: boolean }): void {
  if (match === "") return;
  const path = "resourceVersionMatch";
  const errors: FieldError[] = [];
  if (isContinued) errors.push({ type: "Forbidden", path, detail: "resourceVersionMatch is forbidden when continue is provided" });
  if (resourceVersion === "") errors.push({ type: "Forbidden", path, detail: "resourceVersionMatch is forbidden unless resourceVersion is provided" });
  if (match !== "Exact" && match !== "NotOlderThan") {
    errors.push({ type: "NotSupported", path, value: match, detail: 'supported values: "Exact", "NotOlderThan", ""' });
  }
  if (match === "Exact" && resourceVersion === "0") errors.push({ type: "Forbidden", path, detail: 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"' });
  if (errors.length > 0) throw invalidOptions("ListOptions", errors);
}
