import type { Kind } from "../model/kind.ts";
import type { ServedKinds } from "../model/kind-table.ts";
import type { Store } from "../store/store.ts";
import type { World } from "../world/world.ts";
import type { AccountTokens } from "./access/account-tokens.ts";
import type { Admission } from "./admission-plugin.ts";
import type { Conversions } from "./conversions.ts";
import type { CreateTemplates } from "./create-templates.ts";
import type { DefinitionKinds } from "./definition-kinds.ts";
import { accessDenied } from "./errors.ts";
import type { Lines } from "./lines.ts";
import type { Outside } from "./questions.ts";
import type { Reservations } from "./reservations.ts";
import type { ReviewToken } from "./reviews/review.ts";
import type { ExactFields } from "./selection.ts";
import type { StoredObjects } from "./stored.ts";
import type { AccessAttributes, Authorizer, Caller } from "./verbs.ts";

/** What every verb works with. */
export interface ApiContext {
  readonly store: Store;
  readonly world: World;
  readonly authorizer: Authorizer;
  readonly kinds: ServedKinds;
  readonly definitions: DefinitionKinds;
  readonly conversions: Conversions;
  readonly lines: Lines;
  readonly admission: readonly Admission[];
  readonly reservations: Reservations;
  readonly objects: StoredObjects;
  readonly templates: CreateTemplates;
  /** Where webhooks are asked. */
  readonly outside: Outside;
  readonly reviewToken: ReviewToken;
  /** Makes and checks tokens of ServiceAccounts; absent where no keys were given. */
  readonly accountTokens?: AccountTokens;
}

/** Throws Forbidden unless the caller may. Names a kind's resource; `name` and `namespace` are "" where the request has none. */
export function demandAccess(context: ApiContext, caller: Caller, access: {
  readonly verb: string; readonly kind: Kind; readonly subresource?: string; readonly namespace?: string; readonly name?: string; readonly exact?: ExactFields;
}): void {
  const { verb, kind, subresource, namespace = "", name = "", exact } = access;
  const attributes: AccessAttributes = exact !== undefined ? { verb, group: kind.group, resource: kind.plural, namespace: kind.namespaced ? namespace : "", name, exact }
    : subresource === undefined ? { verb, group: kind.group, resource: kind.plural, namespace: kind.namespaced ? namespace : "", name }
    : { verb, group: kind.group, resource: kind.plural, subresource, namespace: kind.namespaced ? namespace : "", name };
  if (!context.authorizer.isAllowed(caller.user, attributes)) throw accessDenied(caller.user.name, attributes);
}
