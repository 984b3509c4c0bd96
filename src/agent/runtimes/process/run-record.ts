import { parseJsonObject } from "../../../value/json.ts";

/** What is kept on disk of one run, beside the files the wrapper writes. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly backoffMs: number;
  readonly startedAtMs: number;
  /** Of the machine: process numbers of another boot mean nothing. */
  readonly bootId: string;
  readonly workingDir: string;
  readonly isLogUsedAsMessage: boolean;
  readonly isIsolated: boolean;
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  /** How clients that attach may speak to the program; absent: not at all. */
  readonly input?: "open" | "once";
  readonly isTerminal?: boolean;
  /** Written once the end was taken in, so that later reads need nothing else. */
  readonly exit?: { readonly code: number; readonly atMs: number; readonly reason: string; readonly message?: string };
}

/** What is kept on disk of one pod. */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  readonly ip: string;
  /** Where the content of memory-backed and secret volumes lies. */
  readonly memoryFolder: string;
  readonly hostVolumes: Readonly<Record<string, string>>;
  readonly memoryVolumes: readonly string[];
  /** Volumes whose content comes from the API: read-only to containers. */
  readonly fileVolumes: readonly string[];
  readonly fsGroup?: number;
  readonly hasResolvConf: boolean;
  readonly hasHosts: boolean;
}

/** Parses what `JSON.stringify` wrote; undefined when the file is damaged or of another version. */
export function parseRunRecord(text: string): RunRecord | undefined {
  const found = parseJsonObject(text);
  // Our own file, written whole by rename: its first fields tell that it is one.
  return typeof found?.["id"] === "string" && typeof found["attempt"] === "number" ? (found as unknown as RunRecord) : undefined;
}

/** As parseRunRecord. */
export function parsePodRecord(text: string): PodRecord | undefined {
  const found = parseJsonObject(text);
  return typeof found?.["uid"] === "string" && typeof found["ip"] === "string" ? (found as unknown as PodRecord) : undefined;
}
