/** The kinds of field errors of Kubernetes' validation, `FieldValue…` in a Status cause. */
export type FieldErrorType = "Required" | "Invalid" | "TypeInvalid" | "NotSupported" | "Duplicate" | "Forbidden" | "TooLong" | "TooMany" | "NotFound" | "InternalError"
  /** No fault of the value: another manager owns the field. The path begins with a dot. */
  | "FieldManagerConflict"
  /** No fault of the value: a disruption budget is used up. Without a path. */
  | "DisruptionBudget" | "ResourceVersionTooLarge"
  /** No fault of the value: nothing is made any more in the namespace. */
  | "NamespaceTerminating"
  /** No fault of the value: a policy refuses the request. Without a path, and without a reason in the Status. */
  | "PolicyRefusal";

/** One thing wrong with one field. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].ports[1].containerPort`, `metadata.labels[key]`. */
  readonly path: string;
  /** The offending value, already fit to be shown (never a secret). */
  readonly value?: unknown;
  readonly detail: string;
}
