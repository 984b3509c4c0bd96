import { checkDnsLabel } from "../../value/names.ts";
import type { Application } from "../generated/capstan-v1.ts";
import type { Health } from "../health.ts";
import type { Kind } from "../kind.ts";
import { checkApplication } from "./_application.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { deletionHealth } from "./_health.ts";

export type { Application } from "../generated/capstan-v1.ts";

/** Application, `capstan.dev/v1`. */
export const ApplicationKind: Kind<Application> = {
  group: "capstan.dev", version: "v1", kind: "Application", plural: "applications", singular: "application", shortNames: ["app"], categories: ["capstan"],
  namespaced: true, message: "capstan/v1.Application", hasStatus: true,
  columns: [
    nameColumn,
    textColumn("Sync Status", ({ status }) => status.sync?.status ?? "Unknown"),
    textColumn("Health Status", ({ status }) => status.health?.status ?? "Unknown"),
    textColumn("Revision", ({ status }) => shortRevision(status.sync?.revision)),
    ageColumn,
  ],
  selectableFields: {},
  // The name becomes a label's value and part of other names.
  checkName: checkDnsLabel,
  validate: checkApplication,
  health: assessApplication,
};

/** The first letters of a commit, as Git shows them. */
const revisionLengthShown = 12;

/** A commit's id cut for a column; other revisions as they are. */
export function shortRevision(revision: string | undefined): string {
  return revision !== undefined && /^[0-9a-f]{40,64}$/.test(revision) ? revision.slice(0, revisionLengthShown) : (revision ?? "");
}

function assessApplication(application: Application): Health {
  const deletion = deletionHealth(application);
  if (deletion !== undefined) return deletion;
  const { health } = application.status;
  if (health === undefined) return { status: "Unknown" };
  const message = health.message ?? health.cause?.message;
  return message === undefined ? { status: health.status } : { status: health.status, message };
}
