import { parentPort } from "node:worker_threads";
import { createAuthority, issueCertificate, signRequest } from "./certificates.ts";
import type { CertificateRequest, KeyPair, RequestToSign } from "./certificates.ts";

/** What a thread is asked to make, with the time and the random bytes to use; a CA where nobody is named to sign. The key of who asks for a signature is theirs. */
export interface CertificateJob {
  readonly nowMs: number;
  readonly random: Uint8Array;
  /** Of a CA that is to have another name than the cluster's. */
  readonly authorityName?: string;
  readonly leaf?: { readonly authority: KeyPair; readonly request: CertificateRequest };
  readonly signing?: { readonly authority: KeyPair; readonly request: RequestToSign };
}

/** What goes wrong ends the thread, which its owner is told. */
parentPort?.on("message", (job: CertificateJob) => {
  void work(job).then((pair) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(pair);
  });
});

async function work({ nowMs, random, authorityName, leaf, signing }: CertificateJob): Promise<KeyPair> {
  const world = { clock: { nowMs: () => nowMs }, chance: { bytes: () => random } };
  if (signing !== undefined) return { key: "", cert: await signRequest(signing.authority, signing.request, world) };
  return leaf === undefined ? createAuthority(world, authorityName) : issueCertificate(leaf.authority, leaf.request, world);
}
