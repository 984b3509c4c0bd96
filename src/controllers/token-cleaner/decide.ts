import { bootstrapSecretType } from "../../api/access/bootstrap-tokens.ts";
import { parseTime } from "../../model/conditions.ts";
import type { Secret } from "../../model/kinds/secret.ts";

/** Where tokens for machines that join are looked for. */
export const tokenNamespace = "kube-system";

/**
 * Milliseconds until a Secret goes because the token in it has expired, 0 when it is time; undefined for one that stays. A time nobody can read has passed. Pure.
 * @see kubernetes pkg/controller/bootstrap/tokencleaner.go
 */
export function msUntilExpired({ metadata, type, data }: Secret, nowMs: number): number | undefined {
  if (metadata.namespace !== tokenNamespace || type !== bootstrapSecretType || metadata.deletionTimestamp !== undefined) return undefined;
  const expiration = Buffer.from(data?.["expiration"] ?? "", "base64").toString();
  if (expiration === "") return undefined;
  return Math.max(0, (parseTime(expiration) ?? 0) - nowMs);
}
