import type { Client } from "../api/client.ts";
import { SecretKind } from "../model/kinds/secret.ts";

/** A session that outlives the daemon: only a digest of its cookie is kept. */
export interface KeptSession {
  readonly digest: string;
  readonly startedAtMs: number;
}

/** Where sessions of login links are kept over a restart, so that an open page goes on by itself. */
export interface SessionKeeper {
  load(): Promise<readonly KeptSession[]>;
  save(sessions: readonly KeptSession[]): Promise<void>;
}

/** The Secret the sessions lie in. */
const ref = { namespace: "kube-system", name: "capstan-page-sessions" };

/** Its type: nothing but the page's server reads it. */
const secretType = "capstan.dev/page-sessions";

/** Keeps sessions in a Secret of the cluster. */
export function keepInSecret(client: Client): SessionKeeper {
  return {
    async load() {
      const secret = await client.get(SecretKind, ref);
      return parseSessions(Buffer.from(secret?.data?.["sessions"] ?? "", "base64").toString());
    },
    async save(sessions) {
      const data = { sessions: Buffer.from(JSON.stringify(sessions)).toString("base64") };
      const known = await client.get(SecretKind, ref);
      if (known === undefined) await client.create(SecretKind, { apiVersion: "v1", kind: "Secret", metadata: ref, type: secretType, data });
      else await client.patch(SecretKind, ref, { type: "merge", body: { data } });
    },
  };
}

/** What cannot be read is no session. */
function parseSessions(text: string): readonly KeptSession[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((one: unknown): one is KeptSession => typeof one === "object" && one !== null && "digest" in one && typeof one.digest === "string" && "startedAtMs" in one && typeof one.startedAtMs === "number") : [];
  } catch {
    return [];
  }
}
