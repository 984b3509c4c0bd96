import { fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { createSecureServer } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { floorPaths } from "./floor.ts";

/** As many bytes of a list are written at once as the daemon writes. */
const partBytes = 131_072;

const [directory = "", podFile = "", copies = ""] = process.argv.slice(2);
const pem = (name: string): Buffer => readFileSync(join(directory, "pki", name));
const pod = readFileSync(podFile);
const log = openSync(`${podFile}.log`, "w");
const part = Buffer.concat(Array.from({ length: Math.ceil(partBytes / pod.length) }, () => pod));
const partCount = Math.ceil((Number(copies) * pod.length) / part.length);
const watches = new Set<Http2ServerResponse>();

const server = createSecureServer({ key: pem("serving.key"), cert: pem("serving.crt"), ca: pem("ca.crt"), requestCert: true, rejectUnauthorized: true, allowHTTP1: true }, (request, response) => {
  switch (request.url) {
    case floorPaths.one: answer(response, 200, pod); return;
    case floorPaths.list: void list(response); return;
    case floorPaths.watch: watch(response); return;
    default: write(request, response);
  }
});
server.listen(0, "127.0.0.1", () => { console.log((server.address() as AddressInfo).port); });

function answer(response: Http2ServerResponse, code: number, body: Buffer): void {
  response.writeHead(code, ["content-type", "application/json", "content-length", String(body.length)]);
  response.end(body);
}

async function list(response: Http2ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (let sent = 0; sent < partCount; sent++) await new Promise((resolve) => { response.write(part, resolve); });
  response.end();
}

function watch(response: Http2ServerResponse): void {
  watches.add(response);
  response.once("close", () => { watches.delete(response); });
  response.writeHead(200, { "content-type": "application/json" });
}

/** What came and waits until it is on the disk. */
let waiting: { readonly body: Buffer; readonly response: Http2ServerResponse }[] = [];

/** Reads a body as JSON, has it lie on the disk, tells it to whoever watches and answers it: what a write must do at the least. */
function write(request: Http2ServerRequest, response: Http2ServerResponse): void {
  const parts: Buffer[] = [];
  request.on("data", (bytes: Buffer) => { parts.push(bytes); });
  request.on("end", () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(parts).toString())));
    if (waiting.push({ body, response }) === 1) setImmediate(flush);
  });
}

/** One flush for all that came in a turn. */
function flush(): void {
  const now = waiting;
  waiting = [];
  writeSync(log, Buffer.concat(now.map(({ body }) => body)));
  fdatasyncSync(log);
  for (const { body, response } of now) {
    for (const watcher of watches) watcher.write(body);
    answer(response, 201, body);
  }
}
