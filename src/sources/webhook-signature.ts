import { createHmac, timingSafeEqual } from "node:crypto";

/** True when the text is the HMAC-SHA-256 of the body in hexadecimal; compared in constant time. */
export function isHmacSha256(given: string | undefined, body: Uint8Array, secret: string): boolean {
  if (secret === "" || given === undefined || !/^[0-9a-f]{64}$/iu.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, "hex"), createHmac("sha256", secret).update(body).digest());
}

/** As `isHmacSha256`, for a header of the form `sha256=…`. */
export function isPrefixedHmacSha256(given: string | undefined, body: Uint8Array, secret: string): boolean {
  return given?.startsWith("sha256=") === true && isHmacSha256(given.slice("sha256=".length), body, secret);
}

/** True when both texts are the same; how long it takes says nothing about either. */
export function isSameSecret(given: string | undefined, secret: string): boolean {
  if (secret === "" || given === undefined) return false;
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
