import type { DecodedPacket, Packet, StringAnswer, SrvAnswer } from "dns-packet";
import type { World } from "../../world/world.ts";
import type { DnsRecord, DnsView } from "./dns-records.ts";
import { answerQuestion } from "./dns-records.ts";
import type { DatagramSocket, Server, Socket } from "./sockets.ts";
import { createServer, createSocket } from "./sockets.ts";

/** Records are short-lived: endpoints change within a second. kubernetes/dns uses 5 s. */
const ttlSeconds = 5;
/** Response codes of RFC 1035 section 4.1.1; the authoritative-answer bit beside them. */
const codes = { missing: 3, refused: 5 } as const;
const authoritativeAnswer = 1 << 10;
/** Who asks for a whole answer is told so (`RD`), and that one is had of what is in the cluster (`RA`): nslookup believes nobody else. */
const recursionDesired = 1 << 8;
const recursionAvailable = 1 << 7;
/** A UDP answer longer than this is cut and asked for again by TCP (RFC 1035 section 4.2.1). */
const udpMaxBytes = 512;
/** Set in such an answer. */
const truncated = 1 << 9;
const tcpConnectionsMax = 256;
/** A connection lives no longer than this, so that idle ones cannot use up the places. */
const tcpLifetimeMs = 10_000;

/** A running responder. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
  close(): void;
}

/** Answers the cluster's names on one address, UDP and TCP. Rejects when the address cannot be had. */
export async function serveDns({ address, port, view, world }: { readonly address: string; readonly port: number; readonly view: () => DnsView; readonly world: World }): Promise<DnsServer> {
  const { decode, encode, streamEncode } = await import("dns-packet");
  const answer = (query: DecodedPacket) => reply(query, view());
  const udp = createSocket("udp4");
  udp.on("message", (bytes, from) => {
    const query = parse(() => decode(bytes));
    if (query === undefined) return;
    const whole = encode(answer(query));
    const fits = whole.length <= udpMaxBytes;
    udp.send(fits ? whole : encode(truncatedOf(answer(query))), from.port, from.address);
  });
  const tcp = createServer((socket) => {
    const cancel = world.clock.after(tcpLifetimeMs, () => { socket.destroy(); });
    socket.once("close", cancel);
    serveTcp(socket, (bytes) => {
      const query = parse(() => decode(bytes.subarray(2)));
      return query === undefined ? undefined : streamEncode(answer(query));
    });
  });
  tcp.maxConnections = tcpConnectionsMax;
  await listen(udp, tcp, { address, port });
  udp.on("error", (error) => { world.log.warn("the cluster's DNS responder failed", { error }); });
  tcp.on("error", (error) => { world.log.warn("the cluster's DNS responder failed", { error }); });
  udp.unref();
  tcp.unref();
  return { address, port: udp.address().port, close: () => { udp.close(); tcp.close(); } };
}

function reply(query: DecodedPacket, view: DnsView): Packet {
  const [question] = query.questions ?? [];
  const found = question === undefined ? { kind: "refused" as const } : answerQuestion({ name: question.name, type: question.type }, view);
  const base = { type: "response" as const, id: query.id ?? 0, questions: query.questions ?? [] };
  const desired = (query.flags ?? 0) & recursionDesired;
  const known = authoritativeAnswer | recursionAvailable | desired;
  if (found.kind === "found") return { ...base, flags: known, answers: found.records.map(printRecord) };
  return { ...base, flags: found.kind === "missing" ? known | codes.missing : desired | codes.refused, answers: [] };
}

function truncatedOf(answer: Packet): Packet {
  return { ...answer, answers: [], flags: (answer.flags ?? 0) | truncated };
}

function printRecord(record: DnsRecord): StringAnswer | SrvAnswer {
  if (record.type === "A") return { type: "A", name: record.name, ttl: ttlSeconds, data: record.address };
  if (record.type === "CNAME" || record.type === "PTR") return { type: record.type, name: record.name, ttl: ttlSeconds, data: record.target };
  return { type: "SRV", name: record.name, ttl: ttlSeconds, data: { port: record.port, target: record.target, priority: 0, weight: 100 } };
}

/** Undefined for what is no DNS message: it gets no answer. */
function parse(decode: () => DecodedPacket): DecodedPacket | undefined {
  try {
    const packet = decode();
    return packet.type === "query" ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** Messages over TCP have their length in two bytes before them (RFC 1035 section 4.2.2). */
function serveTcp(socket: Socket, answer: (bytes: Buffer) => Buffer | undefined): void {
  let rest = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= rest.readUInt16BE(0) + 2) {
      const length = rest.readUInt16BE(0) + 2;
      const bytes = answer(rest.subarray(0, length));
      rest = rest.subarray(length);
      if (bytes === undefined) {
        socket.destroy();
        return;
      }
      socket.write(bytes);
    }
  });
}

async function listen(udp: DatagramSocket, tcp: Server, { address, port }: { readonly address: string; readonly port: number }): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once("error", reject);
      udp.bind({ address, port }, () => { udp.off("error", reject); resolve(); });
    });
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", reject);
      tcp.listen({ host: address, port: udp.address().port }, () => { tcp.off("error", reject); resolve(); });
    });
  } catch (error) {
    tcp.close();
    try {
      udp.close();
    } catch {
      // Never bound: there is nothing to close.
    }
    throw error;
  }
}
