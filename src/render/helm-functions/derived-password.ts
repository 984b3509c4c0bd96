import type { createHmac, scryptSync } from "node:crypto";

/** What a Master Password is derived from. @see https://masterpassword.app/masterpassword-algorithm.pdf */
export interface DerivedPassword {
  readonly counter: number;
  readonly type: string;
  readonly password: string;
  readonly user: string;
  readonly site: string;
}

const scope = "com.lyndir.masterpassword";

/** Forms of passwords by type; a letter stands for a class of signs. */
const forms: Readonly<Record<string, string>> = {
  maximum: "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
  long: "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno",
  medium: "CvcnoCvc CvcCvcno", short: "Cvcn", basic: "aaanaaan aannaaan aaannaaa", pin: "nnnn",
};

const vowels = "AEIOU";
const consonants = "BCDFGHJKLMNPQRSTVWXYZ";
const letters = `${vowels}${vowels.toLowerCase()}${consonants}${consonants.toLowerCase()}`;
const classes: Readonly<Record<string, string>> = {
  V: vowels, C: consonants, v: vowels.toLowerCase(), c: consonants.toLowerCase(), A: vowels + consonants, a: letters, n: "0123456789", o: "@&%?,=[]_:-+*$#!'^~;()/.", x: `${letters}0123456789!@#$%^&*()`,
};

/** The password for a site. The primitives are handed in by the door to node:crypto. */
export function derivePassword({ counter, type, password, user, site }: DerivedPassword, primitives: { readonly scryptSync: typeof scryptSync; readonly createHmac: typeof createHmac }): string {
  const templates = (Object.hasOwn(forms, type) ? forms[type] ?? "" : "").split(" ").filter((form) => form !== "");
  if (templates.length === 0) return `cannot find password template ${type}`;
  const key = primitives.scryptSync(password, Buffer.concat([Buffer.from(scope), sized(user)]), 64, { N: 32_768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 });
  const seed = primitives.createHmac("sha256", key).update(Buffer.concat([Buffer.from(scope), sized(site), word(counter)])).digest();
  const form = templates[(seed[0] ?? 0) % templates.length] ?? "";
  return Array.from(form, (letter, index) => {
    const signs = classes[letter] ?? "";
    return signs.charAt((seed[index + 1] ?? 0) % signs.length);
  }).join("");
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([word(bytes.length), bytes]);
}
