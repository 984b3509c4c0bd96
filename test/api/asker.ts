import { Agent, request } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import type { LoopbackEdge } from "../conformance/kubectl/loopback-edge.ts";

/** What is asked of the API over HTTP/1.1. */
export interface Question {
  /** GET when absent. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What it answered. */
export interface Reply {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json(): Record<string, never>;
}

/** Asks as the administrator, over connections that stay open. */
export interface Asker {
  ask(path: string, question?: Question): Promise<Reply>;
  close(): void;
}

/** Opens one to an edge. */
export function openAsker(edge: Pick<LoopbackEdge, "server" | "pki">): Asker {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (path, { method = "GET", headers = {}, body } = {}) => new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const sent = request({ host: "127.0.0.1", port: edge.server.port, path, method, headers: { ...length, ...headers }, ca: edge.pki.ca, agent, ...edge.pki.admin }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({ code: answer.statusCode ?? 0, headers: answer.headers, bytes, text: bytes.toString(), json: () => JSON.parse(bytes.toString()) as Record<string, never> });
        });
        answer.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    }),
    close() { agent.destroy(); },
  };
}
