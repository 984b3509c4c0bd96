import type { GoFunction } from "../../template/function.ts";
import { goFunction } from "../../template/function.ts";
import { adler32, digest } from "./digests.ts";

/** Checksums and cryptography, as Sprig. */
export const cryptoFunctions: readonly GoFunction[] = [
  goFunction("sha1sum", ["string"], ([text]) => digest("sha1", text)),
  goFunction("sha256sum", ["string"], ([text]) => digest("sha256", text)),
  goFunction("sha512sum", ["string"], ([text]) => digest("sha512", text)),
  goFunction("adler32sum", ["string"], ([text]) => adler32(text)),
];
