/** True where a part stands somewhere in the bytes: half a microsecond for some kilobytes. Buffer's own search, without a Buffer made for it. */
export function holdsBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.prototype.includes.call(bytes, part);
}
