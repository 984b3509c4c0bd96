import { constants, createDeflate, createInflate } from "node:zlib";
import type { Deflate, Inflate } from "node:zlib";
import { SpdyError } from "./spdy-frames.ts";

/** Names and values a header block is packed with, each behind its length, and then a text of others: section 2.6.10.1 of the draft. */
const dictionaryNames = [
  "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection",
  "content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host",
  "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range",
  "referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status",
].join(" ").split(" ");
const dictionaryText = [
  "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content",
  "301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable",
  "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,",
  "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.",
].join("");

const dictionary = Buffer.concat([
  ...[...dictionaryNames, "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin"].map(lengthAndText), Buffer.from(dictionaryText),
]);

/** A header block unpacked; one that grows beyond this is no client of ours. */
const blockBytesMax = 65_536;

/** Packs and unpacks the header blocks of one connection: each direction is one long stream of deflate. */
export class SpdyHeaders {
  readonly #packer: Deflate = createDeflate({ dictionary });
  readonly #unpacker: Inflate = createInflate({ dictionary });

  /** Names in lower case. Throws SpdyError. */
  async unpack(block: Uint8Array): Promise<ReadonlyMap<string, string>> {
    return parseBlock(await passThrough(this.#unpacker, block));
  }

  async pack(headers: ReadonlyMap<string, string>): Promise<Uint8Array> {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(headers.size);
    return passThrough(this.#packer, Buffer.concat([count, ...[...headers].flatMap(([name, value]) => [lengthAndText(name), lengthAndText(value)])]));
  }

  close(): void {
    this.#packer.destroy();
    this.#unpacker.destroy();
  }
}

function passThrough(stream: Deflate | Inflate, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    const finish = (error?: Error | null) => {
      stream.off("data", take);
      stream.off("error", finish);
      if (error === undefined || error === null) resolve(Buffer.concat(parts));
      else reject(new SpdyError(`headers cannot be unpacked: ${error.message}`));
    };
    const take = (chunk: Buffer) => {
      parts.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > blockBytesMax) stream.destroy(new Error(`they are longer than ${blockBytesMax} bytes`));
    };
    stream.on("data", take);
    stream.once("error", finish);
    stream.write(bytes, (error) => {
      if (error !== undefined && error !== null) finish(error);
      else stream.flush(constants.Z_SYNC_FLUSH, () => { finish(); });
    });
  });
}

function parseBlock(block: Buffer): ReadonlyMap<string, string> {
  let at = 0;
  const word = (): number => {
    if (at + 4 > block.length) throw new SpdyError("a header block breaks off");
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = word();
    if (length > block.length - at) throw new SpdyError("a header block breaks off");
    at += length;
    return block.toString("utf8", at - length, at);
  };
  const headers = new Map<string, string>();
  for (let left = word(); left > 0; left--) {
    const name = text().toLowerCase();
    headers.set(name, text());
  }
  return headers;
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
