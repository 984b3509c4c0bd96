import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import type { Transform } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import type { Answer, EdgeRequest } from "./answer.ts";
import { rewriteAddress } from "./proxy-addresses.ts";
import type { ProxiedPlace } from "./proxy-addresses.ts";
import { HtmlAddresses } from "./proxy-html.ts";

/** What a proxied server is told that it is called. */
export const proxiedHost = "localhost";

/** Headers of one connection, and those that say who the client is: they end here. */
const ownHeaders: ReadonlySet<string> = new Set([
  "authorization", "connection", "cookie", "host", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
  "upgrade", "content-length",
]);

/** True for a header that the other side of the proxy gets, named in lower case. */
export function isPassedOn(name: string): boolean {
  return !ownHeaders.has(name) && !name.startsWith(":") && !name.startsWith("impersonate-");
}

/** Pages are read to be rewritten; packed otherwise they pass as they are. */
const unpackers: Readonly<Record<string, (() => Transform) | undefined>> = { gzip: createGunzip, deflate: createInflate };

/** The answer of a proxied server as the client gets it: what it calls by addresses of its own is found through the proxy. @param prefix the proxy's own path */
export function proxiedAnswer(response: IncomingMessage, request: EdgeRequest, prefix: string): Answer {
  const own = request.headers?.host ?? request.headers?.[":authority"];
  const place: ProxiedPlace = { prefix, hosts: new Set([proxiedHost, ...(typeof own === "string" ? [own] : [])]) };
  const { "content-type": contentType = "", "content-encoding": encoding = "", location } = response.headers;
  const head = { kind: "stream", code: response.statusCode ?? 502, contentType } as const;
  const headers = passedHeaders(response.headers);
  if (location !== undefined) return { ...head, headers: { ...headers, location: rewriteAddress(location, place) }, chunks: response };
  const unpacker = unpackers[encoding];
  const isPage = contentType.split(";")[0]?.trim().toLowerCase() === "text/html" && (encoding === "" || unpacker !== undefined);
  if (!isPage || request.method === "HEAD") return { ...head, headers, chunks: response };
  const { "content-encoding": _unpacked, ...plain } = headers;
  return { ...head, headers: plain, chunks: rewritten(unpacker === undefined ? response : pipeline(response, unpacker(), () => undefined), place) };
}

/** What the API says of other origins is the API's business. */
function passedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(([name]) => !ownHeaders.has(name) && name !== "content-type" && name !== "set-cookie" && !name.startsWith("access-control-"));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(", ")] as const])));
}

/** A byte is a character here: markup is ASCII in every encoding that pages have, and the rest comes out as it went in. */
async function* rewritten(page: AsyncIterable<Buffer | string>, place: ProxiedPlace): AsyncGenerator<Uint8Array> {
  const addresses = new HtmlAddresses((address) => rewriteAddress(address, place));
  for await (const chunk of page) yield Buffer.from(addresses.take(typeof chunk === "string" ? chunk : chunk.toString("latin1")), "latin1");
  yield Buffer.from(addresses.end(), "latin1");
}
