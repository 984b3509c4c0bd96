import { parentPort } from "node:worker_threads";
import { createAuthority, issueCertificate } from "./certificates.ts";
import type { CertificateRequest, KeyPair } from "./certificates.ts";

/** What a thread is asked to make, with the time and the random bytes to use; a CA where nobody is named to sign. */
export interface CertificateJob {
  readonly nowMs: number;
  readonly random: Uint8Array;
  readonly leaf?: { readonly authority: KeyPair; readonly request: CertificateRequest };
}

/** What goes wrong ends the thread, which its owner is told. */
parentPort?.on("message", ({ nowMs, random, leaf }: CertificateJob) => {
  const world = { clock: { nowMs: () => nowMs }, chance: { bytes: () => random } };
  void (leaf === undefined ? createAuthority(world) : issueCertificate(leaf.authority, leaf.request, world)).then((pair) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(pair);
  });
});
