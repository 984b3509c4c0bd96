import assert from "node:assert/strict";
import { test } from "node:test";
import { printFieldError } from "../print-field-error.ts";
import { validateObject } from "../validate.ts";
import { SecretKind } from "./secret.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const cases: readonly { readonly type: string; readonly data?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>>; readonly errors: readonly string[] }[] = [
  { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64('{"auths":{}}') }, errors: [] },
  { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64("hunter2") }, errors: ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON object'] },
  { type: "kubernetes.io/dockercfg", data: { ".dockercfg": base64("[1]") }, errors: ['data[.dockercfg]: Invalid value: "<secret contents redacted>": must be a JSON object'] },
  { type: "kubernetes.io/dockercfg", errors: ["data[.dockercfg]: Required value"] },
  { type: "kubernetes.io/tls", data: { "tls.crt": "" }, errors: ["data[tls.key]: Required value"] },
  { type: "kubernetes.io/service-account-token", errors: ["metadata.annotations[kubernetes.io/service-account.name]: Required value"] },
  { type: "kubernetes.io/service-account-token", annotations: { "kubernetes.io/service-account.name": "default" }, errors: [] },
];
for (const { type, data = {}, annotations = {}, errors } of cases) {
  test(`a Secret of type ${type} with ${Object.keys(data).join() || Object.keys(annotations).join() || "nothing"} is ${errors.length === 0 ? "taken" : "refused"}`, () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "default", annotations }, type, data };
    assert.deepEqual(validateObject(SecretKind, secret).map(printFieldError), errors);
  });
}
