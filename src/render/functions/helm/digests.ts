import { createHash } from "node:crypto";
import { bytesOf } from "./convert.ts";

/** A checksum in hexadecimal. */
export function digest(algorithm: "sha1" | "sha256" | "sha512", text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

const adlerModulus = 65_521;

/** Adler-32, in decimal as Sprig prints it. */
export function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of bytesOf(text)) {
    a = (a + byte) % adlerModulus;
    b = (b + a) % adlerModulus;
  }
  return String((b * 65_536 + a) % 2 ** 32);
}
