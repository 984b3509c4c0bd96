import { ApiError } from "../model/api-error.ts";
import { StoreError } from "../store/store.ts";

/** What a client is told when the store cannot answer; every other error as it is. */
export function translateStoreError(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.code) {
    case "compacted": return new ApiError("Expired", "The resourceVersion for the provided list is too old.", { cause: error });
    case "future": return new ApiError("Timeout", `Timeout: Too large resource version: ${error.message}`, { details: { retryAfterSeconds: 1 }, cause: error });
    case "too-large": return new ApiError("RequestEntityTooLarge", `Request entity too large: ${error.message}`, { cause: error });
    case "slow":
    case "stopped":
    case "locked":
    case "newer":
    case "sealed":
    case "closed": return new ApiError("ServiceUnavailable", `the cluster store does not answer: ${error.message}`, { details: { retryAfterSeconds: 1 }, cause: error });
    case "damaged": return new ApiError("InternalError", `Internal error occurred: ${error.message}`, { cause: error });
  }
}

/** Runs a verb; what the store throws reaches the client as an `ApiError`. */
export async function withApiErrors<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translateStoreError(error);
  }
}

/** The same for a verb that mostly knows its answer at once, and is then not waited for. */
export function withApiErrorsAtOnce<T>(run: () => T | Promise<T>): T | Promise<T> {
  try {
    const answer = run();
    return answer instanceof Promise ? answer.catch((error: unknown) => { throw translateStoreError(error); }) : answer;
  } catch (error) {
    return Promise.reject(translateStoreError(error));
  }
}
