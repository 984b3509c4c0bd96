import { conflict } from "../errors.ts";
import { ApiError } from "../../model/api-error.ts";
import type { Kind } from "../../model/kind.ts";
import { NodeKind } from "../../model/kinds/node.ts";
import { PodKind } from "../../model/kinds/pod.ts";
import { SecretKind } from "../../model/kinds/secret.ts";
import type { Secret } from "../../model/kinds/secret.ts";
import { ServiceAccountKind } from "../../model/kinds/service-account.ts";
import type { ServiceAccount } from "../../model/kinds/service-account.ts";
import type { BoundObjectReference, TokenRequestSpec, TokenRequestStatus } from "../../model/generated/authentication-v1.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { isJsonObject } from "../../value/json.ts";
import type { JsonObject } from "../../value/json.ts";
import { RecentMap } from "../../value/recent-map.ts";
import { printTime } from "../../world/clock.ts";
import type { World } from "../../world/world.ts";
import type { UserInfo } from "../client.ts";
import { isOfKind, textOf, textsOf } from "../shape.ts";
import { serviceAccountGroups, serviceAccountUser } from "./role-index.ts";
import { peekClaims } from "./signed-tokens.ts";
import type { TokenKeys } from "./token-keys.ts";
import { wrongAudience } from "./token-owners.ts";

/** Who is named as issuer where nobody says otherwise, as kubeadm's. */
export const defaultIssuer = "https://kubernetes.default.svc.cluster.local";

/** The issuer of tokens that lie in Secrets and never expire, upstream's constant. */
const legacyIssuer = "kubernetes/serviceaccount";

/** A token without a wish lives an hour, as upstream. */
const lifetimeDefaultSeconds = 3_600;

/** What is being deleted is believed this long: its last requests may still be under way, as upstream. */
const deletionLeewayMs = 60_000;

/** Checked tokens remembered, so that a busy account costs one signature. */
const checkedTokensMax = 1_000;

/** A token's pod, secret or node. */
type BoundKind = "Pod" | "Secret" | "Node";

/** What tokens are made and checked with. */
export interface AccountTokensOptions {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly world: Pick<World, "clock" | "chance">;
  /** The object as it stands now. */
  readonly read: (kind: Kind, ref: ObjectRef) => ApiObject | undefined;
}

/** The tokens of ServiceAccounts: made for an audience and a time, and good only while what they are bound to lives. */
export class AccountTokens {
  readonly #options: AccountTokensOptions;
  readonly #checked = new RecentMap<string, JsonObject>({ entriesMax: checkedTokensMax });

  constructor(options: AccountTokensOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  get publicKeys(): TokenKeys["publicKeys"] {
    return this.#options.keys.publicKeys;
  }

  /** Makes a token. Throws BadRequest or Conflict for an object it cannot be bound to. */
  async issue(account: ServiceAccount, spec: TokenRequestSpec): Promise<TokenRequestStatus> {
    const { keys, issuer, world } = this.#options;
    const bound = this.#bind(account, spec.boundObjectRef);
    const issuedAt = Math.floor(world.clock.nowMs() / 1000);
    const expiresAt = issuedAt + (spec.expirationSeconds ?? lifetimeDefaultSeconds);
    const { name, namespace = "", uid = "" } = account.metadata;
    const token = await keys.sign({
      aud: spec.audiences === undefined || spec.audiences.length === 0 ? [issuer] : spec.audiences, exp: expiresAt, iat: issuedAt, iss: issuer, jti: world.chance.uuid(),
      "kubernetes.io": { namespace, ...bound, serviceaccount: { name, uid } }, nbf: issuedAt, sub: serviceAccountUser(namespace, name),
    });
    return { token, expirationTimestamp: printTime(expiresAt * 1000) };
  }

  /** Makes the token of a Secret, which never expires. */
  async issueLegacy(account: ServiceAccount, secret: Secret): Promise<string> {
    const { name, namespace = "", uid = "" } = account.metadata;
    return this.#options.keys.sign({
      iss: legacyIssuer, sub: serviceAccountUser(namespace, name), "kubernetes.io/serviceaccount/namespace": namespace, "kubernetes.io/serviceaccount/secret.name": secret.metadata.name,
      "kubernetes.io/serviceaccount/service-account.name": name, "kubernetes.io/serviceaccount/service-account.uid": uid,
    });
  }

  /** Whose token it is, or why it is nobody's; undefined when another authenticator should look at it. */
  async authenticate(token: string, audiences: readonly string[] = []): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly reason: string } | undefined> {
    const issuer = textOf(peekClaims(token) ?? {}, "iss");
    if (issuer !== this.#options.issuer && issuer !== legacyIssuer) return undefined;
    const claims = await this.#check(token);
    if (claims === undefined) return { reason: "invalid bearer token" };
    return issuer === legacyIssuer ? this.#legacyOwner(claims, token) : this.#owner(claims, audiences.length === 0 ? [issuer] : audiences);
  }

  async #check(token: string): Promise<JsonObject | undefined> {
    const known = this.#checked.get(token);
    if (known !== undefined) return known;
    const claims = await this.#options.keys.read(token);
    if (claims === undefined) return undefined;
    this.#checked.set(token, claims);
    return claims;
  }

  #owner(claims: JsonObject, wanted: readonly string[]): { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly reason: string } {
    const nowSeconds = this.#options.world.clock.nowMs() / 1000;
    const { exp, nbf } = claims;
    if (typeof exp !== "number" || exp <= nowSeconds) return { reason: "service account token has expired" };
    if (typeof nbf === "number" && nbf > nowSeconds + deletionLeewayMs / 1000) return { reason: "service account token is not valid yet" };
    const audiences = wanted.filter((audience) => textsOf(claims, "aud").includes(audience));
    if (audiences.length === 0) return { reason: wrongAudience(textsOf(claims, "aud"), wanted) };
    const inside = memberOf(claims, "kubernetes.io");
    const namespace = textOf(inside, "namespace");
    const account = memberOf(inside, "serviceaccount");
    const why = this.#whyGone(ServiceAccountKind, { namespace, name: textOf(account, "name") }, textOf(account, "uid"));
    if (why !== undefined) return { reason: why };
    for (const [member, kind] of Object.entries(boundKinds)) {
      const bound = memberOf(inside, member);
      if (textOf(bound, "name") === "" || (member === "node" && isJsonObject(inside["pod"]))) continue;
      const reason = this.#whyGone(kind, { namespace: kind.namespaced ? namespace : "", name: textOf(bound, "name") }, textOf(bound, "uid"));
      if (reason !== undefined) return { reason };
    }
    return { user: userOfAccount(namespace, account, extraOf(claims, inside)), audiences };
  }

  #legacyOwner(claims: JsonObject, token: string): { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly reason: string } {
    const text = (name: string) => textOf(claims, `kubernetes.io/serviceaccount/${name}`);
    const namespace = text("namespace");
    const secret = this.#options.read(SecretKind, { namespace, name: text("secret.name") });
    const isCurrent = secret !== undefined && isOfKind(SecretKind, secret) && secret.metadata.deletionTimestamp === undefined && Buffer.from(secret.data?.["token"] ?? "", "base64").toString() === token;
    if (!isCurrent) return { reason: "token has been invalidated" };
    const account = { name: text("service-account.name"), uid: text("service-account.uid") };
    const why = this.#whyGone(ServiceAccountKind, { namespace, name: account.name }, account.uid);
    return why === undefined ? { user: userOfAccount(namespace, account, {}), audiences: [] } : { reason: why };
  }

  /** Why an object is not the one a token is for any more. */
  #whyGone(kind: Kind, ref: ObjectRef, uid: string): string | undefined {
    const object = this.#options.read(kind, ref);
    if (object === undefined) return `${kind.singular} ${JSON.stringify(ref.name)} not found`;
    if (object.metadata.uid !== uid) return `${kind.singular} UID (${object.metadata.uid ?? ""}) does not match claim (${uid})`;
    const { deletionTimestamp } = object.metadata;
    const isGoing = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + deletionLeewayMs < this.#options.world.clock.nowMs();
    return isGoing ? `${kind.singular} ${JSON.stringify(ref.name)} has been deleted` : undefined;
  }

  /** The claims that name what a token is bound to. */
  #bind(account: ServiceAccount, reference: BoundObjectReference | undefined): JsonObject {
    if (reference === undefined) return {};
    const { kind: name = "", apiVersion = "v1", name: objectName = "", uid = "" } = reference;
    if (apiVersion !== "v1" || !(name === "Pod" || name === "Secret" || name === "Node")) throw new ApiError("BadRequest", `cannot bind token for object of type ${apiVersion}, Kind=${name}`);
    const { member, kind } = bindable[name];
    const object = this.#options.read(kind, { namespace: kind.namespaced ? account.metadata.namespace ?? "" : "", name: objectName });
    if (object === undefined) throw new ApiError("NotFound", `${kind.plural} ${JSON.stringify(objectName)} not found`, { details: { kind: kind.plural, name: objectName } });
    if (uid !== "" && uid !== object.metadata.uid) throw conflict(kind, objectName, `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`);
    const claims = { [member]: { name: objectName, uid: object.metadata.uid ?? "" } };
    if (!isOfKind(PodKind, object)) return claims;
    if ((object.spec.serviceAccountName ?? "") !== account.metadata.name) throw new ApiError("BadRequest", `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`);
    const nodeName = object.spec.nodeName ?? "";
    const node = nodeName === "" ? undefined : this.#options.read(NodeKind, { namespace: "", name: nodeName });
    return node === undefined ? claims : { ...claims, node: { name: nodeName, uid: node.metadata.uid ?? "" } };
  }
}

const bindable: Readonly<Record<BoundKind, { readonly member: string; readonly kind: Kind }>> = {
  Pod: { member: "pod", kind: PodKind }, Secret: { member: "secret", kind: SecretKind }, Node: { member: "node", kind: NodeKind },
};

const boundKinds: Readonly<Record<string, Kind>> = Object.fromEntries(Object.values(bindable).map(({ member, kind }) => [member, kind]));

function memberOf(json: JsonObject, name: string): JsonObject {
  const member = json[name];
  return isJsonObject(member) ? member : {};
}

/** The user a ServiceAccount is. */
export function userOfAccount(namespace: string, account: JsonObject, extra: Readonly<Record<string, readonly string[]>>): UserInfo {
  return {
    name: serviceAccountUser(namespace, textOf(account, "name")), uid: textOf(account, "uid"),
    groups: serviceAccountGroups(namespace), ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function extraOf(claims: JsonObject, inside: JsonObject): Readonly<Record<string, readonly string[]>> {
  const texts: readonly (readonly [string, string])[] = [
    ["credential-id", textOf(claims, "jti") === "" ? "" : `JTI=${textOf(claims, "jti")}`],
    ["node-name", textOf(memberOf(inside, "node"), "name")], ["node-uid", textOf(memberOf(inside, "node"), "uid")],
    ["pod-name", textOf(memberOf(inside, "pod"), "name")], ["pod-uid", textOf(memberOf(inside, "pod"), "uid")],
  ];
  return Object.fromEntries(texts.filter(([, text]) => text !== "").map(([name, text]) => [`authentication.kubernetes.io/${name}`, [text]]));
}
