/** How an object is doing; the states and their meaning are Argo CD's. */
export type HealthStatus = "Healthy" | "Progressing" | "Degraded" | "Suspended" | "Missing" | "Unknown";

/** A health with the one thing to say about it. */
export interface Health {
  readonly status: HealthStatus;
  readonly message?: string;
}
