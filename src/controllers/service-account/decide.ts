import type { Namespace } from "../../model/kinds/namespace.ts";
import type { ServiceAccount } from "../../model/kinds/service-account.ts";

/** The account pods run under when they name none. */
export const defaultAccountName = "default";

/** The account a namespace lacks, if any; one being deleted gets none. Pure. */
export function decideAccount(namespace: Namespace, hasAccount: boolean): ServiceAccount | undefined {
  if (hasAccount || namespace.metadata.deletionTimestamp !== undefined) return undefined;
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: defaultAccountName, namespace: namespace.metadata.name } };
}
