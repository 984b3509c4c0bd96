import { createRequire } from "node:module";

/** The part of npm `bcryptjs` that is used. */
interface Bcrypt {
  hashSync(text: string, salt: string): string;
  encodeBase64(bytes: readonly number[], length: number): string;
}

/** Loaded at first use, and synchronously: templates wait for nothing. */
const load = createRequire(import.meta.url);
let loaded: Bcrypt | undefined;

const costLog = 10;

/** Sprig's bcrypt of a text, with the salt given. The only door to npm `bcryptjs`. */
export function bcryptHash(text: string, salt: Uint8Array): string {
  loaded ??= load("bcryptjs") as Bcrypt;
  return loaded.hashSync(text, `$2a$${costLog}$${loaded.encodeBase64([...salt], salt.length)}`);
}
