import type { IncomingMessage, ServerResponse } from "node:http";
import type { PipeLine, PipedProcess } from "../world/processes.ts";
import { parseCgiHead } from "./cgi.ts";
import type { GitProcess } from "./git-process.ts";
import type { GitSettings } from "./git-environment.ts";
import { isHostedName } from "./hosted-name.ts";

/** The head of an answer of http-backend has a few lines. */
const headBytesMax = 65_536;
/** Commands of a push stand before its pack. */
const bodyAllowanceBytes = 1_048_576;
/** Requests of a fetch are lists of object ids; git's own limit (http.maxRequestBuffer) is the same. */
const fetchRequestBytesMax = 10_485_760;

/** What a request to a hosted repository asks for. */
export interface GitRequest {
  readonly repository: string;
  readonly action: "advertise" | "fetch" | "push";
  readonly service: "git-upload-pack" | "git-receive-pack";
}

/** Reads method and URL of a smart HTTP request; undefined for everything else, the old "dumb" protocol included. @see gitprotocol-http(5) */
export function parseGitRequest(method: string, url: string): GitRequest | undefined {
  const match = /^\/git\/([^/?]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)(?:\?(.*))?$/u.exec(url);
  const [, repository, target, query] = match ?? [];
  if (repository === undefined || !isHostedName(repository)) return undefined;
  if (target === "info/refs" && method === "GET") {
    const service = new URLSearchParams(query).get("service");
    return service === "git-upload-pack" || service === "git-receive-pack" ? { repository, action: "advertise", service } : undefined;
  }
  if (method !== "POST") return undefined;
  if (target === "git-upload-pack") return { repository, action: "fetch", service: target };
  if (target === "git-receive-pack") return { repository, action: "push", service: target };
  return undefined;
}

/** The password of basic authentication; any user name. @see RFC 7617 */
export function parseBasicPassword(header: string | undefined): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)\s*$/iu.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
}

/** Hands one request to `git http-backend` and its answer back, both as streams. Resolves when git has ended. */
export async function runHttpBackend(
  git: GitProcess,
  options: { readonly asked: GitRequest; readonly root: string; readonly user: string; readonly settings: GitSettings; readonly packBytesMax: number; readonly onLine?: (line: PipeLine) => void },
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { asked } = options;
  const { request, response } = exchange;
  const target = asked.action === "advertise" ? "info/refs" : asked.service;
  const child = await git.start(["http-backend"], {
    settings: options.settings, hasLine: options.onLine !== undefined,
    environment: {
      GIT_PROJECT_ROOT: options.root, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: `/${asked.repository}.git/${target}`,
      QUERY_STRING: asked.action === "advertise" ? `service=${asked.service}` : "", REQUEST_METHOD: request.method ?? "GET",
      REMOTE_USER: options.user, REMOTE_ADDR: request.socket.remoteAddress ?? "", SERVER_PROTOCOL: "HTTP/1.1",
      ...optional("CONTENT_TYPE", request.headers["content-type"]), ...optional("CONTENT_LENGTH", request.headers["content-length"]),
      ...optional("HTTP_CONTENT_ENCODING", request.headers["content-encoding"]), ...optional("GIT_PROTOCOL", headerText(request.headers["git-protocol"])),
    },
  });
  if (child.line !== undefined) options.onLine?.(child.line);
  const bodyMax = asked.action === "push" ? options.packBytesMax + bodyAllowanceBytes : fetchRequestBytesMax;
  sendBody(request, child, bodyMax);
  // A pusher that goes away in the middle: git sees the end of its input and takes nothing.
  response.on("close", () => { if (!response.writableFinished) child.kill("SIGTERM"); });
  await receiveAnswer(child, response);
}

function sendBody(request: IncomingMessage, child: PipedProcess, bytesMax: number): void {
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > bytesMax) request.destroy();
  });
  // Git may end before it has read all (a pack that is too large); the rest is read and dropped, so that the pusher gets the answer.
  child.stdin.on("error", () => { request.unpipe(child.stdin); request.resume(); });
  request.on("close", () => { if (!request.complete) child.stdin.destroy(); });
  request.pipe(child.stdin);
}

function receiveAnswer(child: PipedProcess, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    let isHeadDone = false;
    child.stderr.resume();
    child.stdout.on("data", (chunk: Buffer) => {
      if (isHeadDone) { write(chunk); return; }
      head = Buffer.concat([head, chunk]);
      const parsed = parseCgiHead(head);
      if (parsed === undefined) { if (head.length > headBytesMax) child.kill("SIGKILL"); return; }
      isHeadDone = true;
      response.statusCode = parsed.status;
      for (const [name, value] of parsed.headers) response.setHeader(name, value);
      if (head.length > parsed.bodyStart) write(head.subarray(parsed.bodyStart));
    });
    const write = (chunk: Buffer) => {
      if (response.destroyed || response.write(chunk)) return;
      child.stdout.pause();
      response.once("drain", () => { child.stdout.resume(); });
      response.once("close", () => { child.stdout.resume(); });
    };
    child.stdout.on("close", () => {
      void child.ended.then(() => {
        if (!isHeadDone && !response.headersSent) response.statusCode = 500;
        response.end();
        resolve();
      });
    });
  });
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : value[0];
}
