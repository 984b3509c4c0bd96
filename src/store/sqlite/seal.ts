import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** Values whose keys begin with one of the prefixes are kept sealed. */
export interface SealOptions {
  /** 32 bytes each; the first seals, all open. */
  readonly keys: readonly Uint8Array[];
  readonly prefixes: readonly string[];
  /** Where the keys are from, for people. */
  readonly keyFile: string;
}

/** Length of a key: AES-256. */
export const sealKeyBytes = 32;

/** First byte of a sealed value. */
const sealedMark = 1;

/** First byte before a plain value that itself begins with one of the two marks; other plain values, as all JSON, lie as they are. */
const plainMark = 2;

const keyIdBytes = 8;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + keyIdBytes + saltBytes + nonceBytes + tagBytes;

/** Derived keys kept: one for each start of the daemon whose records are read. */
const derivedKeysMax = 64;

/** A value that cannot be opened: its key is missing, or it is not what was sealed. */
export class SealError extends Error {}

/**
 * Seals values with AES-256-GCM, bound to the key they lie under. Each start derives a key of its own from the first one and a salt, and counts its
 * nonces, so that no nonce is ever used twice with one key.
 *
 * A sealed value: mark, key id (8), salt (16), nonce (12), tag (16), ciphertext.
 */
export class ValueSeal {
  readonly #options: SealOptions;
  readonly #keys: readonly { readonly id: Buffer; readonly key: Uint8Array }[];
  readonly #derived = new Map<string, Buffer>();
  readonly #salt = randomBytes(saltBytes);
  #count = 0n;

  constructor(options: SealOptions) {
    this.#options = options;
    this.#keys = options.keys.map((key) => ({ id: createHash("sha256").update("capstan key id").update(key).digest().subarray(0, keyIdBytes), key }));
  }

  /** Values whose keys begin so are sealed. */
  get prefixes(): readonly string[] { return this.#options.prefixes; }

  /** True for a key whose values are sealed. */
  #isFor(key: string): boolean {
    return this.prefixes.some((prefix) => key.startsWith(prefix));
  }

  /** True for a value that is sealed with the first key. */
  isCurrent(value: Uint8Array): boolean {
    const [first] = this.#keys;
    return value[0] === sealedMark && first !== undefined && first.id.equals(value.subarray(1, 1 + keyIdBytes));
  }

  /** The value as it lies on the disk: sealed where its key asks for it and there is a key to seal with. */
  seal(key: string, value: Uint8Array): Uint8Array {
    const [first] = this.#keys;
    if (first === undefined || !this.#isFor(key)) return value[0] === sealedMark || value[0] === plainMark ? Buffer.concat([Buffer.of(plainMark), value]) : value;
    const nonce = Buffer.alloc(nonceBytes);
    nonce.writeBigUInt64BE(this.#count++, nonceBytes - 8);
    const cipher = createCipheriv("aes-256-gcm", this.#derive(first, this.#salt), nonce);
    cipher.setAAD(Buffer.from(key));
    const body = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([Buffer.of(sealedMark), first.id, this.#salt, nonce, cipher.getAuthTag(), body]);
  }

  /** The value as it was given to `seal`. Throws SealError. */
  open(key: string, value: Uint8Array): Uint8Array {
    if (value[0] === plainMark) return value.subarray(1);
    if (value[0] !== sealedMark) return value;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    const id = bytes.subarray(1, 1 + keyIdBytes);
    const found = this.#keys.find((candidate) => candidate.id.equals(id));
    if (found === undefined) {
      throw new SealError(`${key} is sealed with a key (${id.toString("hex")}) that ${this.#options.keyFile} does not hold: put that key back, below the one that is to seal from now on`);
    }
    const salt = bytes.subarray(1 + keyIdBytes, 1 + keyIdBytes + saltBytes);
    const nonce = bytes.subarray(1 + keyIdBytes + saltBytes, headBytes - tagBytes);
    const decipher = createDecipheriv("aes-256-gcm", this.#derive(found, salt), nonce);
    decipher.setAAD(Buffer.from(key));
    decipher.setAuthTag(bytes.subarray(headBytes - tagBytes, headBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]);
    } catch (error) {
      throw new SealError(`the sealed value of ${key} was changed after it was written`, { cause: error });
    }
  }

  #derive({ id, key }: { readonly id: Buffer; readonly key: Uint8Array }, salt: Uint8Array): Buffer {
    const name = `${id.toString("hex")}/${Buffer.from(salt).toString("hex")}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const derived = Buffer.from(hkdfSync("sha256", key, salt, "capstan value seal", sealKeyBytes));
    const [oldest] = this.#derived.keys();
    if (oldest !== undefined && this.#derived.size >= derivedKeysMax) this.#derived.delete(oldest);
    this.#derived.set(name, derived);
    return derived;
  }
}
