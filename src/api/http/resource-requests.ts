import { ApiError, isApiError } from "../../model/api-error.ts";
import { apiVersionOf } from "../../model/kind.ts";
import type { Kind } from "../../model/kind.ts";
import { ComponentStatusKind } from "../../model/kinds/component-status.ts";
import { BindingKind } from "../../model/kinds/binding.ts";
import type { ObjectRef } from "../../model/object.ts";
import { findSubresource } from "../../model/subresource.ts";
import type { PartName } from "../../model/subresource.ts";
import { accessDenied, notServed, verbUnsupported, wrongKind } from "../errors.ts";
import { metadataOf, textOf } from "../shape.ts";
import type { StoredObject, WriteAnswer } from "../verbs.ts";
import type { View } from "../views.ts";
import { documentAnswer } from "./answer.ts";
import type { Answer, EdgeRequest } from "./answer.ts";
import { begunStream } from "./begun-stream.ts";
import { answerComponents } from "./component-statuses.ts";
import type { Edge } from "./edge.ts";
import { watchTimeoutMs } from "./limits.ts";
import { chooseDocumentEncoding, chooseFormat, mediaTypes } from "./media-type.ts";
import type { AnswerFormat, Offer } from "./media-type.ts";
import { listAnswer, objectAnswer } from "./object-answer.ts";
import { answerLogs } from "./pod-logs.ts";
import { answerProxy } from "./proxy.ts";
import { attributesOfPath } from "./path-attributes.ts";
import { readDeleteBody, readPatch, readWrite } from "./read-write.ts";
import { isWatchRequest, parseGetRequest, parseIncludeObject, parseListRequest, parseRemoveOptions, parseWatchRequest, refuseInitialEvents } from "./request-options.ts";
import { verbOf, verbsOf } from "./request-path.ts";
import type { ResourceTarget } from "./request-path.ts";
import { answerScale } from "./scale-requests.ts";
import { successStatus } from "./status.ts";
import { watchFrames } from "./watch-stream.ts";

/** Answers a request for a resource, at once where nothing has to be waited for. Throws ApiError for every refusal, or rejects with it. */
export function answerResource(edge: Edge, request: EdgeRequest, target: ResourceTarget): Answer | Promise<Answer> {
  const isWatch = target.isWatchPath || isWatchRequest(request.query);
  const verb = verbOf(request.method, target, isWatch);
  if (target.resource.deprecation !== undefined) request.caller.notes?.warn(target.resource.deprecation);
  const view = edge.views.find((one) => one.kind === target.resource && one.name === target.subresource);
  if (view !== undefined) return answerView(edge, request, target, view);
  if (target.subresource !== undefined) return answerSubresource(edge, request, target, verb);
  if (verb === undefined || !verbsOf(target.resource).includes(verb)) {
    demandPath(edge, request);
    // Definitions alone say what is not supported: of other kinds there is no such route.
    throw verb === undefined || target.resource.schema === undefined ? methodNotAllowed() : verbUnsupported(target.resource, verb);
  }
  const kind = target.resource;
  if (kind === ComponentStatusKind) return answerComponents(edge, request, target.name);
  if (verb !== "get") return answerVerb(edge, request, target, verb);
  const shown = { kind, format: chooseFormat(request.accept, offerOf(kind)) };
  const stored = edge.verbs.get(request.caller, kind, refOf(target), parseGetRequest(request.query));
  return stored instanceof Promise ? stored.then((one) => answerObject(edge, request, shown, one)) : answerObject(edge, request, shown, stored);
}

async function answerVerb(edge: Edge, request: EdgeRequest, target: ResourceTarget, verb: string): Promise<Answer> {
  const { caller, query } = request;
  const kind = target.resource;
  switch (verb) {
    case "list": return answerList(edge, request, target);
    case "watch": return answerWatch(edge, request, target);
    case "create": {
      const format = chooseFormat(request.accept, offerOf(kind));
      const { body, write } = await readWrite(request, kind.isMadeFromTemplates === true ? edge.bodies : undefined);
      if (kind === BindingKind) {
        const ref = { namespace: target.namespace ?? "", name: textOf(metadataOf(body), "name") };
        return documentAnswer(await edge.verbs.act(caller, kind, ref, { name: "", body, dryRun: write.dryRun === true }), format.encoding, { code: 201 });
      }
      const written = await edge.verbs.create(caller, kind, target.namespace ?? "", body, write);
      return answerWritten(edge, request, { kind, format, written, warnings: [] });
    }
    case "update": case "patch": return answerWrite(edge, request, target, undefined);
    case "delete": return answerDelete(edge, request, target);
    case "deletecollection": {
      const format = chooseFormat(request.accept, offerOf(kind));
      refuseInitialEvents(query);
      const removed = await edge.verbs.removeCollection(caller, kind, parseListRequest(query, target.namespace), parseRemoveOptions(query, await readDeleteBody(request)));
      return listAnswer(removed, { kind, format, includeObject: parseIncludeObject(query, format), nowMs: edge.world.clock.nowMs() });
    }
    default: throw methodNotAllowed();
  }
}

async function answerSubresource(edge: Edge, request: EdgeRequest, target: ResourceTarget, verb: string | undefined): Promise<Answer> {
  const kind = target.resource;
  const subresource = findSubresource(kind, target.subresource ?? "");
  if (subresource === undefined || verb === undefined) {
    demandPath(edge, request);
    throw subresource === undefined ? notServed() : methodNotAllowed();
  }
  switch (subresource.type) {
    case "part":
      if (subresource.name === "scale" && kind.scale !== undefined) return answerScale(edge, request, { kind, paths: kind.scale, ref: refOf(target) });
      if (verb === "get") return answerObject(edge, request, { kind, format: chooseFormat(request.accept, offerOf(kind)) }, await edge.verbs.get(request.caller, kind, refOf(target), { ...parseGetRequest(request.query), subresource: subresource.name }));
      return answerWrite(edge, request, target, subresource.name);
    case "action": {
      const encoding = chooseDocumentEncoding(request.accept);
      const { body, write } = await readWrite(request);
      const { group, version, kind: spoken } = subresource.speaks;
      if (textOf(body, "kind") !== spoken && textOf(body, "kind") !== "") throw wrongKind({ group, version, kind: spoken, plural: kind.plural }, textOf(body, "apiVersion"), textOf(body, "kind"));
      const answer = await edge.verbs.act(request.caller, kind, refOf(target), { name: subresource.name, body, dryRun: write.dryRun === true });
      return documentAnswer(answer, encoding, { code: 201 });
    }
    case "connection":
      if (subresource.name === "log") return answerLogs(edge, request, refOf(target));
      if (subresource.name === "proxy") return answerProxy(edge, request, target, verb);
      demandConnect(edge, request, target, verb);
      throw new ApiError("BadRequest", "Upgrade request required");
  }
}

/** Who may not ask for what is not served is told that, and nothing of what is. Throws Forbidden. */
export function demandPath({ authorizer }: Pick<Edge, "authorizer">, { method, path, query, caller: { user } }: EdgeRequest): void {
  const access = attributesOfPath(method, path, isWatchRequest(query));
  if (!authorizer.isAllowed(user, access)) throw accessDenied(user.name, access);
}

/** Who may not connect is told so, whatever else is wrong with the request. */
function demandConnect(edge: Edge, { caller: { user } }: EdgeRequest, target: ResourceTarget, verb: string): void {
  const { resource: { group, plural }, subresource = "" } = target;
  const access = { verb, group, resource: plural, subresource, ...refOf(target) };
  if (!edge.authorizer.isAllowed(user, access)) throw accessDenied(user.name, access);
}

/** Reads a derived answer, for whoever may `get` it. */
async function answerView(edge: Edge, request: EdgeRequest, target: ResourceTarget, view: View): Promise<Answer> {
  if (request.method !== "GET") {
    demandPath(edge, request);
    throw methodNotAllowed();
  }
  const ref = refOf(target);
  const access = { verb: "get", group: view.kind.group, resource: view.kind.plural, subresource: view.name, ...ref };
  if (!edge.authorizer.isAllowed(request.caller.user, access)) throw accessDenied(request.caller.user.name, access);
  const encoding = chooseDocumentEncoding(request.accept, { hasProtobuf: false });
  return documentAnswer(await view.read(ref, Object.fromEntries(request.query)), encoding);
}

/** Definitions make kinds that protobuf has no message for; what is never kept has no table. */
function offerOf(kind: Kind): Offer {
  return { hasProtobuf: kind.schema === undefined, hasTable: kind.isStored !== false };
}

/** The object a path names. */
export function refOf(target: ResourceTarget): ObjectRef {
  return { namespace: target.namespace ?? "", name: target.name ?? "" };
}

function answerObject(edge: Edge, request: EdgeRequest, { kind, format }: Pick<Written, "kind" | "format">, stored: StoredObject): Answer {
  return objectAnswer(stored, { kind, format, includeObject: parseIncludeObject(request.query, format), nowMs: edge.world.clock.nowMs() });
}

async function answerList(edge: Edge, request: EdgeRequest, target: ResourceTarget): Promise<Answer> {
  const format = chooseFormat(request.accept, offerOf(target.resource));
  const includeObject = parseIncludeObject(request.query, format);
  refuseInitialEvents(request.query);
  const list = await edge.verbs.list(request.caller, target.resource, parseListRequest(request.query, target.namespace));
  return listAnswer(list, { kind: target.resource, format, includeObject, nowMs: edge.world.clock.nowMs() });
}

async function answerWatch(edge: Edge, request: EdgeRequest, target: ResourceTarget): Promise<Answer> {
  const kind = target.resource;
  const chosen = chooseFormat(request.accept, { ...offerOf(kind), isStream: true });
  // Events have no lists: each is told as the object it is of.
  const format: AnswerFormat = chosen.as === "partial-list" ? { ...chosen, as: "partial" } : chosen;
  const includeObject = parseIncludeObject(request.query, format);
  const { limit: _limit, continue: _continue, resourceVersionMatch: _match, ...list } = parseListRequest(request.query, target.namespace);
  const { bookmarks, timeoutSeconds, sendInitialEvents } = parseWatchRequest(request.query);
  const named = target.name === undefined ? undefined : `metadata.name=${target.name}`;
  const fieldSelector = [list.fieldSelector, named].filter((part) => part !== undefined).join(",");
  // Without a time of its own each watch gets another one, so that clients do not come back all at once.
  const timeoutMs = timeoutSeconds === undefined ? Math.floor(watchTimeoutMs * (1 + edge.world.chance.fraction())) : timeoutSeconds * 1000;
  const cancel = edge.world.clock.after(timeoutMs, () => { request.end(); });
  // What a definition says now is not what this watch was begun with: whoever watches comes back, or learns that the kind is gone.
  const unfollow = kind.schema === undefined ? undefined : edge.verbs.kinds.onChange(() => { if (edge.verbs.kinds.find(apiVersionOf(kind), kind.kind) !== kind) request.end(); });
  const clean = () => { cancel(); unfollow?.(); };
  const batches = edge.verbs.watch(request.caller, kind, { ...list, ...(fieldSelector === "" ? {} : { fieldSelector }), bookmarks, ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }) }, request.signal);
  const begun = await begunStream(batches, { turns: refusalTurns, isItem: isToldAsEvent }).catch((error: unknown) => { clean(); throw error; });
  return { kind: "stream", contentType: format.encoding === "protobuf" ? `${mediaTypes.protobuf};stream=watch` : mediaTypes.json, chunks: watchFrames(begun, { kind, format, includeObject, nowMs: () => edge.world.clock.nowMs() }, clean) };
}

/** Refusals that depend on what the store has are told as events: a watch that was asked for rightly begins. @see kubernetes apiserver pkg/storage/cacher/cacher.go newErrWatcher */
function isToldAsEvent(error: unknown): boolean {
  return isApiError(error, "Expired") || isApiError(error, "Timeout");
}

/** Turns of the event loop a watch may take to be refused. */
const refusalTurns = 3;

async function answerWrite(edge: Edge, request: EdgeRequest, target: ResourceTarget, subresource: PartName | undefined): Promise<Answer> {
  const kind = target.resource;
  const format = chooseFormat(request.accept, offerOf(kind));
  const part = subresource === undefined ? {} : { subresource };
  if (request.method === "PATCH") {
    const { patch, write, warnings } = await readPatch(request);
    const written = await edge.verbs.patch(request.caller, kind, refOf(target), patch, { ...write, ...part });
    return answerWritten(edge, request, { kind, format, written, warnings });
  }
  const { body, write } = await readWrite(request);
  const written = await edge.verbs.update(request.caller, kind, refOf(target), body, { ...write, ...part });
  return answerWritten(edge, request, { kind, format, written, warnings: [] });
}

async function answerDelete(edge: Edge, request: EdgeRequest, target: ResourceTarget): Promise<Answer> {
  const kind = target.resource;
  const format = chooseFormat(request.accept, offerOf(kind));
  const removed = await edge.verbs.remove(request.caller, kind, refOf(target), parseRemoveOptions(request.query, await readDeleteBody(request)));
  if (removed.kind === "waiting") return answerObject(edge, request, { kind, format }, removed.stored);
  const details = { name: removed.ref.name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.plural, uid: removed.uid };
  return documentAnswer(successStatus(details), format.encoding);
}

interface Written {
  readonly kind: Kind;
  readonly format: AnswerFormat;
  readonly written: WriteAnswer;
  readonly warnings: readonly string[];
}

function answerWritten(edge: Edge, request: EdgeRequest, { kind, format, written, warnings }: Written): Answer {
  return objectAnswer(written.stored, {
    kind, format, includeObject: parseIncludeObject(request.query, format), nowMs: edge.world.clock.nowMs(),
    code: written.isCreated ? 201 : 200, warnings: [...warnings, ...written.warnings],
  });
}

function methodNotAllowed(): ApiError {
  return new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
}
