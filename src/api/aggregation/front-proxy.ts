import type { UserInfo } from "../client.ts";

/** The name in the certificate the API server shows to servers of aggregated APIs, which believe nobody else. */
export const frontProxyName = "front-proxy-client";

const userHeader = "X-Remote-User";
const uidHeader = "X-Remote-Uid";
const groupHeader = "X-Remote-Group";
const extraPrefix = "X-Remote-Extra-";

/** What servers of aggregated APIs are told of the headers, and of whom to believe them, beside the CA. @see kubernetes pkg/controlplane/controller/clusterauthenticationtrust */
export const requestHeaderData: Readonly<Record<string, string>> = {
  "requestheader-allowed-names": JSON.stringify([frontProxyName]),
  "requestheader-extra-headers-prefix": JSON.stringify([extraPrefix]),
  "requestheader-group-headers": JSON.stringify([groupHeader]),
  "requestheader-uid-headers": JSON.stringify([uidHeader]),
  "requestheader-username-headers": JSON.stringify([userHeader]),
};

/** Under which key the CA of the front proxy's certificate is told. */
export const requestHeaderCaKey = "requestheader-client-ca-file";

/** As whom the API server itself asks servers of aggregated APIs, which let it read everything. @see kubernetes kube-aggregator pkg/controllers/status */
export const aggregatorUser: UserInfo = { name: "system:kube-aggregator", groups: ["system:masters"] };

/** True for a header, named in lower case, that says who asks: nobody says that but the API server. */
export function isIdentityHeader(name: string): boolean {
  return name.startsWith("x-remote-");
}

/** Who asks, as the servers of aggregated APIs are told it. Pure. @see kubernetes client-go transport/round_trippers.go SetAuthProxyHeaders */
export function identityHeaders({ name, uid = "", groups, extra = {} }: UserInfo): Readonly<Record<string, string | readonly string[]>> {
  return {
    [userHeader]: printValue(name), ...(uid === "" ? {} : { [uidHeader]: printValue(uid) }), ...(groups.length === 0 ? {} : { [groupHeader]: groups.map(printValue) }),
    ...Object.fromEntries(Object.entries(extra).filter(([, values]) => values.length > 0).map(([key, values]) => [`${extraPrefix}${escapeKey(key)}`, values.map(printValue)])),
  };
}

/** A header carries bytes: a name is told in UTF-8. */
function printValue(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** What may stand in a header's name, the percent sign excepted. @see RFC 9110 section 5.6.2 */
const tokenCharacter = /^[A-Za-z0-9!#$&'*+\-.^_`|~]$/;

/** A key of extra as part of a header's name: what may not stand there is told as in an address. */
function escapeKey(key: string): string {
  return [...Buffer.from(key)].map((byte) => (tokenCharacter.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)).join("");
}
