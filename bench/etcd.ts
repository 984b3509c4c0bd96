import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** Connections the puts are spread over: one stream each put, as etcd's own benchmark does with few connections. */
const connectionCount = 4;

export interface RunningEtcd {
  put(key: string, value: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Starts an etcd with default durability on loopback, in this directory. */
export async function startEtcd(directory: string): Promise<RunningEtcd> {
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const clientUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const child = spawn("etcd", [
    "--name=bench", `--data-dir=${directory}/etcd`, `--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`, `--initial-cluster=bench=${peerUrl}`, "--logger=zap", "--log-outputs=stderr",
  ], { stdio: ["ignore", "ignore", "pipe"] });
  await untilReady(child);
  const sessions = Array.from({ length: connectionCount }, () => connect(clientUrl));
  let turn = 0;
  return {
    put: (key, value) => put(sessions[turn++ % connectionCount]!, key, value),
    async close() {
      for (const session of sessions) session.destroy();
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

startEtcd.isInstalled = (): boolean => spawnSync("etcd", ["--version"], { stdio: "ignore" }).status === 0;

/** Said in the output, so that nobody takes the figure for another client's. */
startEtcd.driver = `etcd's own process on loopback, gRPC Put over ${connectionCount} HTTP/2 connections (node:http2, hand-encoded)`;

/** etcdserverpb.KV/Put: PutRequest{ key = 1, value = 2 } in one uncompressed gRPC message. */
function put(session: ClientHttp2Session, key: string, value: Uint8Array): Promise<void> {
  const keyBytes = Buffer.from(key);
  const body = Buffer.concat([Buffer.from([0x0a]), varint(keyBytes.length), keyBytes, Buffer.from([0x12]), varint(value.length), value]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/etcdserverpb.KV/Put",
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
    });
    stream.on("trailers", (trailers) => {
      if (trailers["grpc-status"] === "0") resolve();
      else reject(new Error(`etcd answered grpc-status ${String(trailers["grpc-status"])}: ${String(trailers["grpc-message"])}`));
    });
    stream.on("error", reject);
    stream.resume();
    stream.end(Buffer.concat([head, body]));
  });
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error("etcd has no stderr");
  const lines: string[] = [];
  const reader = createInterface({ input: child.stderr });
  const timer = setTimeout(() => { child.kill("SIGKILL"); }, 20_000);
  try {
    await new Promise<void>((resolve, reject) => {
      reader.on("line", (line) => {
        lines.push(line);
        if (line.includes("serving client traffic")) resolve();
      });
      child.once("exit", (code) => { reject(new Error(`etcd ended with ${String(code)}: ${lines.slice(-5).join("\n")}`)); });
      child.once("error", reject);
    });
  } finally {
    clearTimeout(timer);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
