import { defaultIssuer } from "../../src/api/access/account-tokens.ts";
import type { TokenKeys } from "../../src/api/access/token-keys.ts";
import type { ClusterOptions } from "../../src/daemon/control-plane.ts";
import { sha256 } from "../../src/value/digest.ts";
import type { JsonObject } from "../../src/value/json.ts";

/** Who a simulated cluster is: its accounts have tokens, its pods mount them, as in the daemon. */
export const simulatedIdentity: Required<ClusterOptions>["identity"] = { keys: simulatedKeys("the one secret of the simulation"), issuer: defaultIssuer, ca: "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n" };

/** Keys whose signatures are the same for the same claims: real ones hold chance of their own, and are made in threads whose order no seed decides. */
function simulatedKeys(secret: string): TokenKeys {
  const header = encode({ alg: "SIM" });
  const signed = (body: string) => `${body}.${sha256(`${secret}.${body}`)}`;
  return {
    publicKeys: { keys: [] },
    sign: async (claims) => signed(`${header}.${encode(claims)}`),
    async read(token) {
      const body = token.slice(0, token.lastIndexOf("."));
      return signed(body) === token ? JSON.parse(Buffer.from(body.slice(header.length + 1), "base64url").toString()) as JsonObject : undefined;
    },
  };
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
