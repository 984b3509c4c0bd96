const blockPattern = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----/gs;

/** The highest bit is set in every packet's first byte. @see RFC 9580 section 4.2 */
const packetMark = 0x80;
/** Type of a packet that holds a public key: one begins every key. */
const publicKeyTag = 6;

/** Public keys in the form programs read: armoured ones (RFC 9580 section 6.2) are decoded, several are joined. Undefined for what is none. */
export function readKeyring(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const blocks = Array.from(text.matchAll(blockPattern), ([, block = ""]) => decodeBlock(block));
  const keys = blocks.length > 0 ? Buffer.concat(blocks) : bytes;
  return tagOf(keys[0] ?? 0) === publicKeyTag ? keys : undefined;
}

/** Headers end at an empty line; the line that begins with `=` is a checksum, which guards against typing errors only. */
function decodeBlock(block: string): Buffer {
  const lines = block.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === "") + 1;
  return Buffer.from(lines.slice(start).filter((line) => !line.startsWith("=")).join(""), "base64");
}

/** New packets say their type in six bits, old ones in four. */
function tagOf(first: number): number | undefined {
  if ((first & packetMark) === 0) return undefined;
  return (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f;
}
