import type { TestContext } from "node:test";
import { createAuthorizer } from "../../../src/api/authorizer.ts";
import { bootstrapCluster } from "../../../src/api/bootstrap.ts";
import type { Client, UserInfo } from "../../../src/api/client.ts";
import type { LogOptions } from "../../../src/api/nodes.ts";
import { createVerbs } from "../../../src/api/pipeline.ts";
import { openMemoryJobs } from "../../../src/jobs/drivers/memory.ts";
import { openMemoryStore } from "../../../src/store/engines/memory.ts";
import type { Json } from "../../../src/value/json.ts";
import { realWorld } from "../../../src/world/real/world.ts";
import { serveWeb } from "../../../src/web/server.ts";
import type { ServeWebOptions, WebServer } from "../../../src/web/server.ts";
import { admin } from "../../api/api.ts";
import { nodeThat } from "../../api/node.ts";

/** Tokens the page knows. */
export const tokens: Readonly<Record<string, UserInfo>> = {
  "viewer-token": { name: "viewer", groups: ["system:authenticated", "capstan:viewer"] },
  "git-token": { name: "git", groups: ["system:authenticated", "capstan:git"] },
};

/** The page on a whole API in memory. */
export interface ServedPage {
  readonly web: WebServer;
  /** Ends the server and starts another one at the same address, on the same store. */
  readonly restart: () => Promise<void>;
  /** The administrator's. */
  readonly client: Client;
  /** The cookie of somebody who used a login link. */
  readonly cookie: () => Promise<string>;
  /** The cookie of somebody with a token. */
  readonly cookieOf: (token: string) => Promise<string>;
  /** Asks with a cookie and the page's own header. */
  readonly ask: (path: string, cookie?: string, init?: RequestInit) => Promise<Response>;
}

/** Serves the page on a free port until the test ends. */
export async function servePage(context: TestContext, parts: Partial<ServeWebOptions> & { readonly log?: (options: LogOptions, signal: AbortSignal) => AsyncIterable<Uint8Array>; readonly preview?: Json } = {}): Promise<ServedPage> {
  const world = realWorld();
  const store = openMemoryStore();
  const authorizer = createAuthorizer({ rules: [], store });
  const verbs = createVerbs({ store, world, authorizer });
  const client = verbs.client(admin);
  await bootstrapCluster(client);
  const jobs = openMemoryJobs({ world, message: "no Redis was asked for" });
  const { log, preview = { lines: [], isEmpty: true, problems: [], steps: [] }, ...options } = parts;
  const all: ServeWebOptions = {
    verbs, authorizer, world, jobs,
    nodes: { of: () => (log === undefined ? undefined : nodeThat({ logs: (_pod, asked, signal) => log(asked, signal) })) },
    previews: { sync: async () => preview, rollback: async () => preview, origins: async (_ref, { kind = "", field = "" }) => ({ fields: [], lines: [field, `  copied at templates/${kind.toLowerCase()}.yaml:5:13`, "  from Values.replicas (values.yaml:2:11)"] }) },
    users: async (token) => tokens[token],
    handleGit: async (request, response) => { let sizeBytes = 0; for await (const chunk of request) sizeBytes += (chunk as Buffer).length; response.end(`git ${request.url} ${sizeBytes}`); },
    handleWebhook: async (_request, response) => { response.statusCode = 202; response.end("taken"); },
    isReady: () => true, host: "127.0.0.1", port: 0, ...options,
  };
  const web = await serveWeb(all);
  let current = web;
  context.after(async () => { await current.close(); await jobs.close(); });
  const ask: ServedPage["ask"] = (path, cookie, init = {}) => fetch(`${web.address}${path}`, {
    redirect: "manual", ...init, headers: { connection: "close", "x-capstan-request": "1", ...(cookie === undefined ? {} : { cookie }), ...(init.headers as Record<string, string> | undefined) },
  });
  return {
    web, client, ask,
    restart: async () => {
      await current.close();
      current = await serveWeb({ ...all, port: web.port });
    },
    cookie: async () => cookieIn(await ask(web.mintLogin())),
    cookieOf: async (token) => cookieIn(await ask("/session", undefined, { method: "POST", body: JSON.stringify({ token }), headers: { "content-type": "application/json" } })),
  };
}

function cookieIn(answer: Response): string {
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** One message of the stream. */
export interface StreamMessage {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** The messages of a stream as they come. */
export async function* readStream(answer: Response): AsyncGenerator<StreamMessage> {
  let text = "";
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = Object.fromEntries(text.slice(0, end).split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
      text = text.slice(end + 2);
      yield { event: fields["event"] ?? "", id: fields["id"] ?? "", data: JSON.parse(fields["data"] ?? "null") };
    }
  }
}
