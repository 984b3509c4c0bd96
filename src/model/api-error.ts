import type { FieldError } from "./field-error.ts";

/** Reasons of a Kubernetes `Status`, with their HTTP codes. */
export const statusCodes = {
  BadRequest: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404, MethodNotAllowed: 405, NotAcceptable: 406, AlreadyExists: 409, Conflict: 409,
  Gone: 410, Expired: 410, RequestEntityTooLarge: 413, UnsupportedMediaType: 415, Invalid: 422, TooManyRequests: 429, InternalError: 500,
  ServiceUnavailable: 503, Timeout: 504,
} as const;

/** A reason of a Kubernetes `Status`. */
export type StatusReason = keyof typeof statusCodes;

/** What a `Status` says of the object concerned. */
export interface StatusDetails {
  readonly group?: string;
  /** The resource's plural, as upstream writes it. */
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
}

/** Every refusal of the API, in-process and over HTTP. Callers ask by `reason`, never by message. */
export class ApiError extends Error {
  readonly reason: StatusReason;
  /** The reason's, unless whoever refused (a webhook) named another. */
  readonly code: number;
  readonly details: StatusDetails;
  readonly causes: readonly FieldError[];
  /** Of an expired list: the token that goes on at the newest revision, for `metadata.continue`. */
  readonly continue: string | undefined;

  constructor(reason: StatusReason, message: string, options: { readonly details?: StatusDetails; readonly causes?: readonly FieldError[]; readonly continue?: string; readonly cause?: unknown; readonly code?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ApiError";
    this.reason = reason;
    this.code = options.code ?? statusCodes[reason];
    this.details = options.details ?? {};
    this.causes = options.causes ?? [];
    this.continue = options.continue;
  }
}

/** True for a refusal of the API with one of these reasons. */
export function isApiError(error: unknown, ...reasons: readonly StatusReason[]): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason));
}

/** True for the refusal to make something in a namespace that ends: it will not be otherwise when tried again. */
export function isNamespaceEnding(error: unknown): boolean {
  return isApiError(error, "Forbidden") && error.causes.some(({ type }) => type === "NamespaceTerminating");
}
