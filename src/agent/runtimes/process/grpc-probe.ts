import { connect } from "node:http2";
import type { HandlerAction, HandlerOutcome } from "../runtime.ts";

const path = "/grpc.health.v1.Health/Check";

/** A message is preceded by whether it is packed, and its length. @see grpc doc/PROTOCOL-HTTP2.md */
const prefixBytes = 5;

/** The answer is some bytes: who says more is not heard. */
const answerBytesMax = 65_536;

/** The words of HealthCheckResponse.ServingStatus, by number. */
const servingStatuses: readonly string[] = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

const unimplemented = "12";

/** Asks by gRPC whether a service is healthy, without TLS. @see kubernetes pkg/probe/grpc/grpc.go */
export function askGrpc({ host, port, service }: HandlerAction & { readonly kind: "grpc" }, signal: AbortSignal): Promise<HandlerOutcome> {
  return new Promise((resolve) => {
    const session = connect(`http://${host.includes(":") ? `[${host}]` : host}:${String(port)}`);
    const finish = (outcome: HandlerOutcome) => {
      signal.removeEventListener("abort", onAbort);
      session.destroy();
      resolve(outcome);
    };
    const fail = (output: string) => { finish({ isSuccess: false, output }); };
    const refuse = (reason: string) => { fail(`error: failed to connect service "${host}:${String(port)}": ${reason}`); };
    const onAbort = () => { refuse("context deadline exceeded"); };
    signal.addEventListener("abort", onAbort, { once: true });
    session.on("error", (error: Error) => { refuse(error.message); });
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", "user-agent": "kube-probe/1.33" });
    const said: Buffer[] = [];
    let sizeBytes = 0;
    let status: string | undefined;
    let message = "";
    // A refusal without a message has its trailers in its head.
    const onTrailers = (headers: Readonly<Record<string, unknown>>) => {
      if (typeof headers["grpc-status"] === "string") status = headers["grpc-status"];
      if (typeof headers["grpc-message"] === "string") message = headers["grpc-message"];
    };
    stream.on("response", onTrailers);
    stream.on("trailers", onTrailers);
    stream.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= answerBytesMax) said.push(chunk);
    });
    stream.on("error", (error: Error) => { refuse(error.message); });
    stream.on("end", () => {
      if (status === unimplemented) { fail(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`); return; }
      if (status !== undefined && status !== "0") { fail(`error: health rpc probe failed: code ${status}: ${message}`); return; }
      const serving = servingStatuses[servingOf(Buffer.concat(said))] ?? "UNKNOWN";
      finish(serving === "SERVING" ? { isSuccess: true, output: "service healthy" } : { isSuccess: false, output: `service unhealthy (responded with "${serving}")` });
    });
    stream.end(printCheck(service));
  });
}

/** A HealthCheckRequest: the name of the service is field 1, and left out when empty. Pure. */
export function printCheck(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Uint8Array.of(0x0a), varint(name.length), name]);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): Uint8Array {
  return value < 0x80 ? Uint8Array.of(value) : Uint8Array.of((value & 0x7f) | 0x80, ...varint(value >>> 7));
}

/** The status of a HealthCheckResponse, field 1; 0 where it is left out. Pure. */
export function servingOf(answer: Uint8Array): number {
  const [isPacked, , , , , tag, status = 0] = answer;
  return isPacked === 0 && tag === 0x08 ? status : 0;
}
