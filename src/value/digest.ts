import { createHash } from "node:crypto";

/** The SHA-256 of a text (UTF-8) or bytes, 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** FNV-1a, 32 bits, of a text's UTF-8: the hash Kubernetes names pod templates by. */
export function fnv1a32(text: string): number {
  let hash = fnvOffset;
  for (const byte of Buffer.from(text, "utf8")) hash = Math.imul(hash ^ byte, fnvPrime);
  return hash >>> 0;
}

/** Letters without vowels and look-alikes, so that no name spells a word. */
export const safeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * Maps each character of a text into `safeAlphabet`: fit for any name.
 * @see kubernetes apimachinery pkg/util/rand/rand.go SafeEncodeString
 */
export function safeEncode(text: string): string {
  return Array.from(text, (letter) => safeAlphabet[(letter.codePointAt(0) ?? 0) % safeAlphabet.length]).join("");
}
