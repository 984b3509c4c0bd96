import { notFound } from "../api/errors.ts";
import { ApiError } from "../model/api-error.ts";
import { ApplicationKind } from "../model/kinds/application.ts";
import type { ObjectRef } from "../model/object.ts";
import { explain } from "../reconcile/explain.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { Json } from "../value/json.ts";
import { asJson } from "../value/json.ts";
import { ValueError } from "../value/value-error.ts";

/** An explanation waits at most this long: a render in its worker, behind others. */
const explainTimeoutMs = 20_000;

/** Where fields of an application's object come from, as JSON for the page and the commands: `kind`, `name`, optional `namespace` and `field` of the query. */
export async function explainAnswer(reconciler: Reconciler, ref: ObjectRef, query: Readonly<Record<string, string | undefined>>): Promise<Json> {
  const application = await reconciler.client.get(ApplicationKind, ref);
  if (application === undefined) throw notFound(ApplicationKind, ref.name);
  const { kind = "", name = "", namespace = "", field = "" } = query;
  if (kind === "" || name === "") throw new ApiError("BadRequest", "say which object: ?kind=Deployment&name=web&field=spec.replicas");
  try {
    const answer = await explain(reconciler, application, { kind, name, field, ...(namespace === "" ? {} : { namespace }) }, AbortSignal.timeout(explainTimeoutMs));
    if (answer.kind === "problem" && "message" in answer) throw new ApiError(answer.isMissing ? "NotFound" : "BadRequest", answer.message);
    return asJson(answer);
  } catch (error) {
    if (error instanceof ValueError) throw new ApiError("BadRequest", error.message);
    throw error;
  }
}
