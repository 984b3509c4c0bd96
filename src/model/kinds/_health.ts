import type { Health } from "../health.ts";
import type { ApiObject } from "../object.ts";

/** Nothing to say. */
export const healthy: Health = Object.freeze({ status: "Healthy" });

/** An object on its way out is not settled, whatever else it says. */
export function deletionHealth(object: ApiObject): Health | undefined {
  return object.metadata.deletionTimestamp === undefined ? undefined : { status: "Progressing", message: "Pending deletion" };
}

/** On its way, with what it waits for. */
export function progressing(message: string): Health {
  return message === "" ? { status: "Progressing" } : { status: "Progressing", message };
}

/** Wrong, with what is wrong. */
export function degraded(message: string): Health {
  return message === "" ? { status: "Degraded" } : { status: "Degraded", message };
}
