import { crc32 } from "node:zlib";
import type { StoredRecord } from "./record.ts";

/** CRC-32 over all that a record says, its place included, so that neither a changed nor a misplaced record passes. */
export function recordChecksum(record: StoredRecord): number {
  const head = crc32(`${record.id}/${record.revision}/${record.createdRevision}/${record.value === null ? "remove" : "put"}/${record.key}`);
  return record.value === null ? head : crc32(record.value, head);
}

/** CRC-32 of a named number: a fence's generation, the compacted revision. */
export function numberChecksum(name: string, value: number): number {
  return crc32(`${name}/${value}`);
}
