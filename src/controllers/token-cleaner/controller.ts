import type { Controller } from "../../control/controller.ts";
import { isApiError } from "../../model/api-error.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import type { Secret } from "../../model/kinds/secret.ts";
import { refOf } from "../../model/object.ts";
import { msUntilExpired } from "./decide.ts";

/** The longest wait for an expiration: timers of 25 days and more run out at once. */
const waitMsMax = 86_400_000;

/** Removes the Secrets of bootstrap tokens that have expired. */
export const tokenCleanerController: Controller<Secret> = {
  name: "token-cleaner",
  user: "system:serviceaccount:kube-system:token-cleaner",
  kind: SecretKind,
  reads: [SecretKind],
  writes: [{ kind: SecretKind, part: "existence" }],
  async reconcile(ref, known, { live, writer, world }) {
    const afterMs = known === undefined ? undefined : msUntilExpired(known, world.clock.nowMs());
    if (afterMs === undefined) return { kind: "done" };
    if (afterMs > 0) return { kind: "wait", afterMs: Math.min(afterMs, waitMsMax), reason: "the token is valid" };
    // Somebody may just have made it last longer.
    const secret = await live.get(SecretKind, ref);
    const leftMs = secret === undefined ? undefined : msUntilExpired(secret, world.clock.nowMs());
    if (secret === undefined || leftMs === undefined) return { kind: "done" };
    if (leftMs > 0) return { kind: "wait", afterMs: Math.min(leftMs, waitMsMax), reason: "the token is valid" };
    try {
      await writer.remove(SecretKind, refOf(secret), { preconditions: { uid: secret.metadata.uid ?? "", resourceVersion: secret.metadata.resourceVersion ?? "" } });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
    return { kind: "done" };
  },
};
