import type { Kind } from "../../model/kind.ts";
import { findMessage } from "../../model/schema.ts";
import { subresourcesOf } from "../../model/subresource.ts";
import type { SpokenKind, Subresource } from "../../model/subresource.ts";
import { isJsonObject } from "../../value/json.ts";
import type { Json, JsonObject } from "../../value/json.ts";
import { takeAtOnce } from "../in-turns.ts";
import type { Steps } from "../in-turns.ts";
import { componentName, componentSteps, refTo } from "./openapi-schema.ts";
import { printResourcePath, verbsOf } from "./request-path.ts";

/** The OpenAPI v3 document of the kinds of one group and version. Pure. */
export function openApiOf(kinds: readonly Kind[], version: string): JsonObject {
  return takeAtOnce(openApiSteps(kinds, version));
}

/** The same, in steps: that of the core takes a tenth of a second. */
export function* openApiSteps(kinds: readonly Kind[], version: string): Steps<JsonObject> {
  const messages = kinds.flatMap((kind) => [kind.message, `${kind.message}List`]).filter((name) => findMessage(name) !== undefined);
  const paths: Record<string, Json> = {};
  for (const kind of kinds) {
    yield;
    addPaths(paths, kind);
  }
  const others = ["meta/v1.Status", "meta/v1.DeleteOptions", "meta/v1.WatchEvent", ...kinds.flatMap(subresourcesOf).flatMap(spokenMessages)];
  const schemas = yield* componentSteps([...messages, ...others], kinds);
  return { openapi: "3.0.0", info: { title: "Capstan", version }, paths, components: { schemas } };
}

/** The same as text, byte for byte what `JSON.stringify` makes of it. */
export function* openApiTextSteps(kinds: readonly Kind[], version: string): Steps<string> {
  const { paths, components, ...head } = yield* openApiSteps(kinds, version);
  const pathTexts = yield* memberSteps(isJsonObject(paths) ? paths : {});
  const schemaTexts = yield* memberSteps(isJsonObject(components) && isJsonObject(components["schemas"]) ? components["schemas"] : {});
  return `${JSON.stringify(head).slice(0, -1)},"paths":{${pathTexts.join()}},"components":{"schemas":{${schemaTexts.join()}}}}`;
}

function* memberSteps(object: JsonObject): Steps<readonly string[]> {
  const texts: string[] = [];
  for (const [name, member] of Object.entries(object)) {
    yield;
    texts.push(`${JSON.stringify(name)}:${JSON.stringify(member)}`);
  }
  return texts;
}

/** One operation of a path. */
interface Operation {
  readonly kind: Kind;
  readonly method: string;
  /** Upstream's x-kubernetes-action. */
  readonly action: string;
  readonly answer: string;
  readonly body?: string;
  readonly parameters: readonly string[];
  readonly speaks?: { readonly group: string; readonly version: string; readonly kind: string };
}

const writeParameters = ["dryRun", "fieldManager", "fieldValidation"];
const listParameters = ["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"];
const deleteParameters = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];
const integerParameters: ReadonlySet<string> = new Set(["limit", "timeoutSeconds", "gracePeriodSeconds"]);
const booleanParameters: ReadonlySet<string> = new Set(["allowWatchBookmarks", "sendInitialEvents", "watch", "orphanDependents", "force"]);

function addPaths(paths: Record<string, Json>, kind: Kind): void {
  const verbs = verbsOf(kind);
  const scope = kind.namespaced ? { namespace: "{namespace}" } : {};
  const place = (rest: { readonly name?: string; readonly subresource?: string } = {}) => decodeURIComponent(printResourcePath(kind, { ...scope, ...rest }));
  const list = findMessage(`${kind.message}List`) === undefined && kind.schema === undefined ? kind.message : `${kind.message}List`;
  const can = (verb: string, operation: Omit<Operation, "kind">): readonly Operation[] => (verbs.includes(verb) ? [{ kind, ...operation }] : []);
  const listOperation = can("list", { method: "get", action: "list", answer: list, parameters: listParameters });
  if (kind.namespaced) addPath(paths, decodeURIComponent(printResourcePath(kind, {})), [], listOperation);
  addPath(paths, place(), kind.namespaced ? ["namespace"] : [], [
    ...listOperation,
    ...can("create", { method: "post", action: "post", answer: kind.message, body: kind.message, parameters: writeParameters }),
    ...can("deletecollection", { method: "delete", action: "deletecollection", answer: "meta/v1.Status", body: "meta/v1.DeleteOptions", parameters: [...deleteParameters, ...listParameters] }),
  ]);
  const named = kind.namespaced ? ["name", "namespace"] : ["name"];
  addPath(paths, place({ name: "{name}" }), named, [
    ...can("get", { method: "get", action: "get", answer: kind.message, parameters: [] }),
    ...can("update", { method: "put", action: "put", answer: kind.message, body: kind.message, parameters: writeParameters }),
    ...can("patch", { method: "patch", action: "patch", answer: kind.message, parameters: [...writeParameters, "force"] }),
    ...can("delete", { method: "delete", action: "delete", answer: "meta/v1.Status", body: "meta/v1.DeleteOptions", parameters: deleteParameters }),
  ]);
  for (const subresource of subresourcesOf(kind)) {
    addPath(paths, place({ name: "{name}", subresource: subresource.name }), named, subresourceOperations(kind, subresource));
  }
}

function subresourceOperations(kind: Kind, subresource: Subresource): readonly Operation[] {
  if (subresource.name === "log") return [{ kind, method: "get", action: "get", answer: kind.message, parameters: ["container", "follow", "limitBytes", "previous", "sinceSeconds", "tailLines", "timestamps"] }];
  // Connections speak no documents.
  if (subresource.type === "connection") return [];
  const speaks = subresource.speaks ?? { group: kind.group, version: kind.version, kind: kind.kind };
  const message = subresource.speaks === undefined ? kind.message : messageOf(speaks);
  if (subresource.type === "action") return [{ kind, method: "post", action: "post", answer: message, body: message, parameters: writeParameters, speaks }];
  const operations: readonly (Operation & { readonly verb: string })[] = [
    { verb: "get", kind, method: "get", action: "get", answer: message, parameters: [], speaks },
    { verb: "update", kind, method: "put", action: "put", answer: message, body: message, parameters: writeParameters, speaks },
    { verb: "patch", kind, method: "patch", action: "patch", answer: message, parameters: [...writeParameters, "force"], speaks },
  ];
  return operations.filter(({ verb }) => subresource.verbs.includes(verb)).map(({ verb: _verb, ...operation }) => operation);
}

/** The documents a subresource speaks beside its kind's; connections speak none. */
function spokenMessages({ type, speaks }: Subresource): readonly string[] {
  return type === "connection" || speaks === undefined ? [] : [messageOf(speaks)];
}

/** The message of a kind a subresource speaks. */
function messageOf({ group, version, kind }: SpokenKind): string {
  return `${group === "" ? "core" : group.split(".")[0] ?? group}/${version}.${kind}`;
}

function addPath(paths: Record<string, Json>, path: string, pathParameters: readonly string[], operations: readonly Operation[]): void {
  if (operations.length === 0) return;
  paths[path] = {
    ...Object.fromEntries(operations.map((operation) => [operation.method, operationOf(operation)])),
    parameters: [
      ...pathParameters.map((name) => ({ name, in: "path", required: true, schema: { type: "string", uniqueItems: true } })),
      { name: "pretty", in: "query", schema: { type: "string", uniqueItems: true } },
    ],
  };
}

function operationOf({ kind, method, action, answer, body, parameters, speaks }: Operation): JsonObject {
  const patchTypes = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", ...(kind.schema === undefined ? ["application/strategic-merge-patch+json"] : [])];
  const patchContent = Object.fromEntries(patchTypes.map((type) => [type, { schema: { type: "object" } }]));
  return {
    tags: [`${kind.group === "" ? "core" : kind.group}_${kind.version}`],
    parameters: [...new Set(parameters)].map((name) => ({ name, in: "query", schema: parameterSchema(name) })),
    ...(method === "patch" ? { requestBody: { content: patchContent, required: true } } : {}),
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: refTo(componentName(body)) } } } }),
    responses: { 200: { description: "OK", content: { "application/json": { schema: refTo(componentName(answer)) } } }, 401: { description: "Unauthorized" } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": speaks ?? { group: kind.group, version: kind.version, kind: kind.kind },
  };
}

function parameterSchema(name: string): JsonObject {
  if (integerParameters.has(name)) return { type: "integer", uniqueItems: true };
  if (booleanParameters.has(name)) return { type: "boolean", uniqueItems: true };
  return { type: "string", uniqueItems: true };
}
