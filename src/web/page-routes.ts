import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Readable } from "node:stream";
import type { UserInfo } from "../api/client.ts";
import { accessDenied } from "../api/errors.ts";
import type { AccessAttributes } from "../api/verbs.ts";
import { errorAnswer, jsonAnswer } from "../api/http/answer.ts";
import type { Answer } from "../api/http/answer.ts";
import { kubernetesVersion } from "../api/http/documents.ts";
import type { Edge } from "../api/http/edge.ts";
import { RequestMetrics } from "../api/metrics/request-metrics.ts";
import { OpenApiV2Answers } from "../api/http/openapi-v2-answer.ts";
import { OpenApiDocuments } from "../api/http/openapi.ts";
import { bodySizeMaxBytes } from "../api/http/request-body.ts";
import { isWatchRequest } from "../api/http/request-options.ts";
import { parseRequestPath } from "../api/http/request-path.ts";
import type { ResourceTarget } from "../api/http/request-path.ts";
import { answerResource, refOf } from "../api/http/resource-requests.ts";
import { apiErrorOf } from "../api/http/status.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { ApiError } from "../model/api-error.ts";
import type { ObjectRef } from "../model/object.ts";
import type { Json } from "../value/json.ts";
import { isOwnWrite, readCookie } from "./guard.ts";
import { isGuardedKind, withoutSecrets } from "./hide-secrets.ts";
import { PageStream } from "./page-stream.ts";
import { QueueWatch } from "./queue-watch.ts";
import type { Sessions } from "./sessions.ts";
import { streamKinds } from "./stream-kinds.ts";

/** Streams at once; each follows every kind and costs some 100 kB. */
const streamsMax = 200;

/** Letters of the name of this daemon's life. */
const instanceSizeBytes = 6;

/** What the page's data is made of. */
export interface PageRoutesOptions {
  readonly edge: Pick<Edge, "verbs" | "authorizer" | "nodes" | "world">;
  readonly jobs: Jobs;
  readonly previews: {
    sync(ref: ObjectRef): Promise<Json>;
    rollback(ref: ObjectRef, syncName: string): Promise<Json>;
    /** Where fields of an object come from; the query names it. */
    origins(ref: ObjectRef, query: Readonly<Record<string, string | undefined>>): Promise<Json>;
  };
  readonly sessions: Sessions;
  readonly cookie: () => string;
  readonly gitOrigin: () => string;
}

/** A handler that knows who asks. */
type PageHandler = (asked: { readonly user: UserInfo; readonly sessionId: string; readonly request: FastifyRequest; readonly reply: FastifyReply }) => Promise<unknown>;

/** The page's data: the API's own resources under the session's user, one stream of changes, the queue and previews. */
export function mountPageRoutes(page: FastifyInstance, options: PageRoutesOptions): void {
  const { jobs, previews, edge } = options;
  const fullEdge: Edge = { ...edge, get kinds() { return edge.verbs.kinds.all; }, metrics: new RequestMetrics(), families: [], openApi: new OpenApiDocuments(edge.verbs.kinds, kubernetesVersion.gitVersion), openApiV2: new OpenApiV2Answers(), views: [], readiness: () => [], address: () => "" };
  const queue = new QueueWatch(jobs, edge.world);
  const instance = Buffer.from(edge.world.chance.bytes(instanceSizeBytes)).toString("hex");
  const streams = { count: 0 };
  page.removeAllContentTypeParsers();
  page.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: bodySizeMaxBytes }, (_request, body, done) => { done(null, body); });
  const guarded = (handle: PageHandler) => async (request: FastifyRequest, reply: FastifyReply) => {
    const sessionId = readCookie(request.headers.cookie, options.cookie());
    const session = sessionId === undefined ? undefined : await options.sessions.find(sessionId);
    void reply.header("cache-control", "no-store");
    try {
      if (session === undefined || sessionId === undefined) throw new ApiError("Unauthorized", "log in first");
      if (!isOwnWrite(request)) throw new ApiError("Forbidden", "this request did not come from the page");
      return await handle({ user: session.user, sessionId, request, reply });
    } catch (error) {
      const refusal = apiErrorOf(error);
      if (refusal.reason === "InternalError") edge.world.log.error("a request of the page failed", { path: request.url.split("?")[0], error });
      return sendAnswer(reply, errorAnswer(refusal));
    }
  };
  for (const path of ["/api/*", "/apis/*"]) page.all(path, guarded(async ({ user, request, reply }) => sendAnswer(reply, await answerApi(fullEdge, user, request, reply))));
  const previewRoute = (find: (ref: ObjectRef, sync: string, query: Readonly<Record<string, string | undefined>>) => Promise<Json>): PageHandler => async ({ user, request }) => {
    const { namespace = "", name = "", sync = "" } = request.params as Readonly<Record<string, string>>;
    const attributes = readAttributes({ namespace, name });
    if (!edge.authorizer.isAllowed(user, attributes)) throw accessDenied(user.name, attributes);
    return find({ namespace, name }, sync, Object.fromEntries(new URLSearchParams(request.url.split("?")[1] ?? "")));
  };
  page.get("/previews/sync/:namespace/:name", guarded(previewRoute((ref) => previews.sync(ref))));
  page.get("/previews/rollback/:namespace/:name/:sync", guarded(previewRoute((ref, sync) => previews.rollback(ref, sync))));
  page.get("/previews/origins/:namespace/:name", guarded(previewRoute((ref, _sync, query) => previews.origins(ref, query))));
  page.get("/stream", guarded(async ({ user, sessionId, request, reply }) => {
    if (streams.count >= streamsMax) throw new ApiError("TooManyRequests", `${streamsMax} pages are open already`);
    const query = new URLSearchParams(request.url.split("?")[1] ?? "");
    const asked = query.get("kinds")?.split(",");
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    reply.raw.flushHeaders();
    streams.count += 1;
    const stream = new PageStream(reply.raw, {
      verbs: edge.verbs, world: edge.world, user, instance,
      queue: edge.authorizer.isAllowed(user, readAttributes({})) ? queue : undefined,
      kinds: asked === undefined ? streamKinds : streamKinds.filter(({ kind }) => asked.includes(kind.plural)),
      hello: { user: user.name, gitOrigin: options.gitOrigin() },
      after: query.get("after") ?? lastEventId(request),
      isAllowed: async () => (await options.sessions.find(sessionId)) !== undefined,
    });
    await stream.run().finally(() => { streams.count -= 1; });
  }));
}

/** Answers a request for a resource as the HTTP edge does, except that values of secrets stay here and changes come by the stream. */
async function answerApi(edge: Edge, user: UserInfo, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const mark = request.url.indexOf("?");
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : request.url.slice(mark + 1));
  const target = parseRequestPath(path, edge.kinds);
  if (target.kind !== "resource") throw new ApiError("NotFound", "the page is served resources only; the Kubernetes API has its own address");
  if (target.isWatchPath || isWatchRequest(query)) throw new ApiError("BadRequest", "the page follows changes by /stream");
  const caller = { user, userAgent: "capstan-page" };
  if (isGuardedKind(target.resource)) return answerGuarded(edge, caller, request.method, target);
  const ending = new AbortController();
  reply.raw.once("close", () => { ending.abort(); });
  return answerResource(edge, {
    method: request.method, path, query, accept: "application/json", contentType: request.headers["content-type"], ifNoneMatch: undefined,
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(0), caller, signal: ending.signal, end: () => { ending.abort(); },
  }, target);
}

async function answerGuarded(edge: Edge, caller: { readonly user: UserInfo; readonly userAgent: string }, method: string, target: ResourceTarget): Promise<Answer> {
  if (method !== "GET" || target.name === undefined || target.subresource !== undefined) {
    throw new ApiError("Forbidden", `the page reads single ${target.resource.plural}, without their values; use kubectl for the rest`);
  }
  const stored = await edge.verbs.get(caller, target.resource, refOf(target));
  return jsonAnswer(withoutSecrets(target.resource, stored.object()));
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.kind === "stream") return reply.code(200).type("text/plain; charset=utf-8").send(Readable.from(answer.chunks, { objectMode: false }));
  // Parts share their bytes, and a stream reads ahead.
  if (answer.kind === "parts") return reply.code(200).type(answer.contentType).send(Readable.from(Iterator.from(answer.parts).map((part) => Buffer.from(part)), { objectMode: false }));
  if (answer.headers !== undefined) reply.headers(answer.headers);
  return reply.code(answer.code).type(answer.contentType).send(Buffer.from(answer.body));
}

/** The right to see applications, or one of them: who has it may see the queue, or what a sync would do. */
function readAttributes({ namespace = "", name = "" }: { readonly namespace?: string; readonly name?: string }): AccessAttributes {
  return { verb: name === "" ? "list" : "get", group: "capstan.dev", resource: "applications", namespace, name };
}

function lastEventId(request: FastifyRequest): string | undefined {
  const header = request.headers["last-event-id"];
  return typeof header === "string" ? header : undefined;
}
