import type { FieldError } from "../field-error.ts";
import type { Secret } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { checkData, checkFrozenData } from "./_data.ts";
import { isJsonObject, parseJson } from "../../value/json.ts";

export type { Secret } from "../generated/core-v1.ts";

/** Secret, `v1`. */
export const SecretKind: Kind<Secret> = {
  group: "", version: "v1", kind: "Secret", plural: "secrets", singular: "secret", shortNames: [], categories: [],
  namespaced: true, message: "core/v1.Secret", hasStatus: false,
  secretPaths: ["data", "stringData"],
  columns: [nameColumn, textColumn("Type", ({ type }) => type), countColumn("Data", "string", ({ data }) => Object.keys(data ?? {}).length), ageColumn],
  selectableFields: { type: ({ type }) => type ?? "" },
  textFields: ["type"],
  immutable: ["type"],
  prepare: withStringData,
  validate: (secret, old) => [
    ...checkData([["data", secret.data ?? {}]], () => true),
    ...checkType(secret),
    ...checkDocument(secret),
    ...(old === undefined ? [] : checkFrozenData(secret, old, ["data"])),
  ],
};

/** `stringData` is written into `data` and never stored. */
function withStringData(secret: Secret, old: Secret | undefined): Secret {
  const { stringData, ...rest } = secret;
  const typed = (rest.type ?? "") === "" && old?.type !== undefined ? { ...rest, type: old.type } : rest;
  if (stringData === undefined) return typed;
  const encoded = Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text, "utf8").toString("base64")]));
  return { ...typed, data: { ...typed.data, ...encoded } };
}

/** Keys each well-known type must have; of basic-auth one is enough. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

/** Keys of well-known types that hold a JSON object; what is wrong with one is told without it. */
const documentKeys: Readonly<Record<string, string>> = { "kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson" };

function checkDocument({ type = "", data = {} }: Secret): readonly FieldError[] {
  const key = documentKeys[type] ?? "";
  const encoded = data[key];
  if (encoded === undefined || isJsonObjectText(Buffer.from(encoded, "base64").toString())) return [];
  return [{ type: "Invalid", path: `data[${key}]`, value: "<secret contents redacted>", detail: "must be a JSON object" }];
}

function isJsonObjectText(text: string): boolean {
  const parsed = parseJson(text);
  return parsed === null || isJsonObject(parsed);
}

/** Says whose token is in a Secret of this type. */
const accountToken = { type: "kubernetes.io/service-account-token", annotation: "kubernetes.io/service-account.name" } as const;

function checkType({ type = "", data = {}, metadata }: Secret): readonly FieldError[] {
  if (type === accountToken.type && (metadata.annotations?.[accountToken.annotation] ?? "") === "") {
    return [{ type: "Required", path: `metadata.annotations[${accountToken.annotation}]`, detail: "" }];
  }
  if (type === "kubernetes.io/basic-auth" && data.username === undefined && data.password === undefined) {
    return [{ type: "Required", path: "data[username]", detail: "" }, { type: "Required", path: "data[password]", detail: "" }];
  }
  return (requiredKeys[type] ?? []).filter((key) => data[key] === undefined).map((key) => ({ type: "Required", path: `data[${key}]`, detail: "" }));
}
