import type { IncomingMessage, ServerResponse } from "node:http";
import type { Client } from "../api/client.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import type { Repository } from "../model/kinds/repository.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import { refOf } from "../model/object.ts";
import type { ObjectRef } from "../model/object.ts";
import { parseJsonObject } from "../value/json.ts";
import type { World } from "../world/world.ts";
import { printHostedUrl } from "./hosted-name.ts";
import { webhookBytesMax, webhooksMax, webhookTimeoutMs } from "./limits.ts";
import type { WebhookHeaders } from "./webhook.ts";
import { findWebhookProvider } from "./webhooks.ts";

/** A verified message that a repository has changed. */
export interface RepositoryChange {
  readonly repository: ObjectRef;
  /** The Repository's own URL. */
  readonly url: string;
  /** Branches and tags named; empty when the provider told none. */
  readonly branches: readonly string[];
}

export interface WebhookOptions {
  readonly client: Client;
  readonly world: World;
  readonly bytesMax?: number;
  onChanged(change: RepositoryChange): void;
}

/** Answers `POST /hooks/NAME` and `/hooks/NAMESPACE/NAME`: a plain node:http handler that reads the body itself. */
export function createWebhookHandler(options: WebhookOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let underWay = 0;
  return async (request, response) => {
    if (underWay >= webhooksMax) { refuseBusy(request, response); return; }
    underWay += 1;
    const cancel = options.world.clock.after(webhookTimeoutMs, () => { request.destroy(); });
    try {
      const answer = await answerWebhook(request, options);
      response.writeHead(answer.status, { "Content-Type": "application/json", ...(answer.status === 413 ? { Connection: "close" } : {}) });
      response.end(`${JSON.stringify({ message: answer.message })}\n`);
    } catch (error) {
      // A sender that went away, or was too slow, is nobody to answer.
      if (!request.destroyed || request.complete) options.world.log.error("a webhook failed", { error });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    } finally {
      cancel();
      underWay -= 1;
    }
  };
}

function refuseBusy(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(503, { "Content-Type": "application/json", "Retry-After": "1", Connection: "close" });
  response.end(`${JSON.stringify({ message: "too many webhooks at once; send it again" })}\n`);
}

interface Answer {
  readonly status: number;
  readonly message: string;
}

/** The same for every reason, so that it tells a stranger nothing. */
const unverified: Answer = { status: 401, message: "not verified: the signature or token does not belong to a Repository of this name" };

async function answerWebhook(request: IncomingMessage, options: WebhookOptions): Promise<Answer> {
  if (request.method !== "POST") { request.resume(); return { status: 405, message: "webhooks are sent with POST" }; }
  const body = await readLimited(request, options.bytesMax ?? webhookBytesMax);
  if (body === undefined) return { status: 413, message: `the body is larger than ${options.bytesMax ?? webhookBytesMax} bytes` };
  const headers = readHeaders(request);
  const provider = findWebhookProvider(headers);
  const repository = await findNamed(options.client, request.url ?? "");
  const secret = repository === undefined ? undefined : await readSecret(options.client, repository);
  if (provider === undefined || repository === undefined || secret === undefined || !provider.verify(headers, body, secret)) return unverified;
  const payload = parseJsonObject(Buffer.from(body).toString("utf8"));
  if (payload === undefined) return { status: 400, message: "the body is no JSON object; set the webhook's content type to application/json" };
  const event = provider.parse(headers, payload);
  if (event.kind === "ignored") return { status: 202, message: `ignored: ${event.reason}` };
  const change: RepositoryChange = { repository: refOf(repository), url: repository.spec.url ?? printHostedUrl(repository.metadata.name), branches: event.branches };
  options.world.log.info("a webhook told of a push", { repository: `${change.repository.namespace}/${change.repository.name}`, branches: event.branches });
  options.onChanged(change);
  return { status: 202, message: "accepted" };
}

/** Finds the Repository of `/hooks/NAMESPACE/NAME`, or of `/hooks/NAME` when only one namespace has that name. */
async function findNamed(client: Client, url: string): Promise<Repository | undefined> {
  const [, first, second] = /^\/hooks\/([a-z0-9.-]+)(?:\/([a-z0-9.-]+))?\/?(?:\?.*)?$/u.exec(url) ?? [];
  if (first === undefined) return undefined;
  if (second !== undefined) return client.get(RepositoryKind, { namespace: first, name: second });
  const { items } = await client.list(RepositoryKind, { fieldSelector: `metadata.name=${first}` });
  return items.length === 1 ? items[0] : undefined;
}

async function readSecret(client: Client, repository: Repository): Promise<string | undefined> {
  const name = repository.spec.webhookSecretRef?.name;
  if (name === undefined || name === "") return undefined;
  const secret = await client.get(SecretKind, { namespace: repository.metadata.namespace ?? "", name });
  const encoded = secret?.data?.["secret"] ?? secret?.data?.["token"];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8").trim();
  return text === "" ? undefined : text;
}

async function readLimited(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    // What is too much is read and dropped up to twice the limit, so that the sender gets the answer.
    if (size > bytesMax * 2) return undefined;
    if (size <= bytesMax) chunks.push(bytes);
  }
  return size > bytesMax ? undefined : Buffer.concat(chunks);
}

function readHeaders(request: IncomingMessage): WebhookHeaders {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, typeof value === "string" ? value : value?.[0]]));
}
