import type { IncomingMessage } from "node:http";

/** A length of four hexadecimal digits stands before each packet, itself included. @see gitprotocol-common(5) */
const lengthBytes = 4;
/** A packet's most. @see git's pkt-line.h LARGE_PACKET_MAX */
const packetBytesMax = 65_520;
const flush = "0000";

/** How far into a push its list of ref updates was read. */
export interface CommandScan {
  readonly at: number;
  readonly count: number;
  /** The list has ended, or is not one: git says what is wrong with it. */
  readonly isOver: boolean;
}

/** Counts the updates that stand before the pack of a push, from where the last scan came to. @see gitprotocol-pack(5), "Reference Update Request" */
export function scanCommands(bytes: Buffer, from: CommandScan = { at: 0, count: 0, isOver: false }): CommandScan {
  let { at, count } = from;
  while (at + lengthBytes <= bytes.length) {
    const text = bytes.toString("latin1", at, at + lengthBytes);
    const length = Number.parseInt(text, 16);
    if (!/^[0-9a-f]{4}$/iu.test(text) || length <= lengthBytes) return { at, count, isOver: true };
    if (at + length > bytes.length) break;
    at += length;
    count += 1;
  }
  return { at, count, isOver: false };
}

/** True when a push asks for more updates than allowed. What was read of the request is put back for git. A compressed list is left to the hook. */
export async function hasTooManyCommands(request: IncomingMessage, refsMax: number): Promise<boolean> {
  if (request.headers["content-encoding"] !== undefined) return false;
  let read = Buffer.alloc(0);
  let scan: CommandScan = { at: 0, count: 0, isOver: false };
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    read = Buffer.concat([read, chunk as Buffer]);
    scan = scanCommands(read, scan);
    if (scan.isOver || scan.count > refsMax) break;
  }
  if (read.length > 0 && !request.destroyed) request.unshift(read);
  return scan.count > refsMax;
}

/** What git's own receive-pack would answer to a push that is refused whole: a line for the pusher, then the reason. @see gitprotocol-pack(5), "Report Status" and "side-band" */
export function printRefusal(line: string, reason: string): Buffer {
  const report = Buffer.concat([packet(`unpack ${reason}\n`), Buffer.from(flush)]);
  return Buffer.concat([packet(`\u0002${line}\n`), packet(Buffer.concat([Buffer.from([1]), report])), Buffer.from(flush)]);
}

function packet(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content).subarray(0, packetBytesMax - lengthBytes);
  return Buffer.concat([Buffer.from((bytes.length + lengthBytes).toString(16).padStart(lengthBytes, "0")), bytes]);
}
