import { checkPrimeSync, createECDH, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { FunctionFault } from "../fault.ts";
import type { FunctionContext } from "../template/function.ts";

/** Keys made from the release's pinned stream: fresh to anybody without its seed, and the same at every render. */
type Source = Pick<FunctionContext, "randomBytes">;

const publicExponent = 65_537n;

/** An RSA key of so many bits. Takes about a tenth of a second for 2048, a second for 4096. */
export function rsaKey(bits: number, source: Source): KeyObject {
  const p = prime(bits / 2, source);
  const q = prime(bits / 2, source);
  if (p === q) return rsaKey(bits, source);
  const phi = (p - 1n) * (q - 1n);
  const d = inverse(publicExponent, phi);
  const member = (value: bigint): string => bytesOf(value).toString("base64url");
  return createPrivateKey({
    format: "jwk",
    key: { kty: "RSA", n: member(p * q), e: member(publicExponent), d: member(d), p: member(p), q: member(q), dp: member(d % (p - 1n)), dq: member(d % (q - 1n)), qi: member(inverse(q, p)) },
  });
}

/** A key on the curve P-256. */
export function ecKey(source: Source): KeyObject {
  const curve = createECDH("prime256v1");
  const scalar = Buffer.from(source.randomBytes(32));
  // Below the curve's order, which begins with four bytes of ones.
  scalar[0] = (scalar[0] ?? 0) & 0x7f;
  curve.setPrivateKey(scalar);
  const point = curve.getPublicKey();
  return createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", d: scalar.toString("base64url"), x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") } });
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const ed25519Head = Buffer.from("302e020100300506032b657004220420", "hex");

/** An Ed25519 key. */
export function ed25519Key(source: Source): KeyObject {
  return createPrivateKey({ format: "der", type: "pkcs8", key: Buffer.concat([ed25519Head, source.randomBytes(32)]) });
}

/** Candidates tried at most; a prime is found among about 700. */
const candidatesMax = 100_000;

function prime(bits: number, source: Source): bigint {
  const bytes = Buffer.from(source.randomBytes(bits / 8));
  // The two highest bits keep the product at its full length; the lowest makes it odd.
  bytes[0] = (bytes[0] ?? 0) | 0xc0;
  let candidate = BigInt(`0x${bytes.toString("hex")}`) | 1n;
  for (let i = 0; i < candidatesMax; i++, candidate += 2n) {
    if ((candidate - 1n) % publicExponent !== 0n && !hasSmallFactor(candidate) && checkPrimeSync(candidate)) return candidate;
  }
  throw new FunctionFault("found no prime for an RSA key");
}

const smallPrimes = Array.from({ length: 2_000 }, (_, index) => index).filter((number) => number > 2 && isPrime(number)).map(BigInt);

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

function hasSmallFactor(candidate: bigint): boolean {
  return smallPrimes.some((small) => candidate % small === 0n);
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [oldRest, rest] = [value % modulus, modulus];
  let [oldFactor, factor] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = oldRest / rest;
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  return ((oldFactor % modulus) + modulus) % modulus;
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
