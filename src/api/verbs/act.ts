import type { Kind } from "../../model/kind.ts";
import type { ObjectRef } from "../../model/object.ts";
import type { JsonObject } from "../../value/json.ts";
import { actions } from "../actions.ts";
import type { ApiContext } from "../context.ts";
import { notServed } from "../errors.ts";
import type { Caller } from "../verbs.ts";

/** Does what a subresource does when it is created. Throws NotFound where the kind has no such one. */
export async function act(context: ApiContext, caller: Caller, { kind, ref, name, body, dryRun = false }: { readonly kind: Kind; readonly ref: ObjectRef; readonly name: string; readonly body: JsonObject; readonly dryRun?: boolean }): Promise<JsonObject> {
  const action = actions.find((one) => one.kind === kind && one.name === name);
  if (action === undefined) throw notServed();
  return action.run(context, caller, { ref, body, dryRun });
}
