import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "../../network/sockets.ts";
import type { HandlerAction, HandlerOutcome } from "../runtime.ts";

/** Body shown in a failed probe's message (kubernetes pkg/probe/http maxRespBodyLength is 10 KiB; messages need less). */
const bodyMaxBytes = 1_024;

/** Asks by HTTP: 200 to 399 is success. Certificates are not verified, as upstream. Redirects count as success without being followed. */
export function askHttp(action: HandlerAction & { readonly kind: "http" }, signal: AbortSignal): Promise<HandlerOutcome> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = { "user-agent": "kube-probe/1.33", accept: "*/*", connection: "close" };
    for (const { name, value } of action.headers) headers[name.toLowerCase()] = value;
    const url = `${action.scheme.toLowerCase()}://${action.host}:${String(action.port)}${action.path}`;
    const options = { host: action.host, port: action.port, path: action.path, headers, signal, agent: false, rejectUnauthorized: false };
    const request = (action.scheme === "HTTPS" ? requestHttps : requestHttp)(options, (response) => {
      const code = response.statusCode ?? 0;
      let body = "";
      response.on("data", (chunk: Buffer) => { if (body.length < bodyMaxBytes) body += chunk.toString("utf8"); });
      const finish = () => {
        resolve(code >= 200 && code < 400 ? { isSuccess: true, output: body } : { isSuccess: false, output: `HTTP probe failed with statuscode: ${String(code)}` });
      };
      response.on("end", finish);
      response.on("error", finish);
    });
    request.on("error", (error) => { resolve({ isSuccess: false, output: `Get "${url}": ${signal.aborted ? "context deadline exceeded" : error.message}` }); });
    request.end();
  });
}

/** Asks by connecting. */
export function askTcp({ host, port }: HandlerAction & { readonly kind: "tcp" }, signal: AbortSignal): Promise<HandlerOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (outcome: HandlerOutcome) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = () => { finish({ isSuccess: false, output: `dial tcp ${host}:${String(port)}: i/o timeout` }); };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => { finish({ isSuccess: true, output: "" }); });
    socket.once("error", (error) => { finish({ isSuccess: false, output: `dial tcp ${host}:${String(port)}: ${error.message}` }); });
  });
}
