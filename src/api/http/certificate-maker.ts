import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { serialBytes } from "./certificates.ts";
import type { CertificateRequest, CertificateWorld, KeyPair, RequestToSign } from "./certificates.ts";
import type { CertificateJob } from "./certificate-thread.ts";

/** Makes certificates in a thread that is begun at need and ended by `close`: its library takes some 10 MB and is needed once a year. */
export class CertificateMaker {
  readonly #world: CertificateWorld;
  #thread: Worker | undefined;

  constructor(world: CertificateWorld) {
    this.#world = world;
  }

  /** A CA of our own. */
  authority(name?: string): Promise<KeyPair> {
    return this.#make(name === undefined ? {} : { authorityName: name });
  }

  /** A key, and a certificate for it that the CA signed. */
  issue(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
    return this.#make({ leaf: { authority, request } });
  }

  /** A certificate for the key of a request, PEM. */
  async sign(authority: KeyPair, request: RequestToSign): Promise<string> {
    return (await this.#make({ signing: { authority, request } })).cert;
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
    this.#thread = undefined;
  }

  /** One at a time. */
  async #make(what: Pick<CertificateJob, "authorityName" | "leaf" | "signing">): Promise<KeyPair> {
    this.#thread ??= new Worker(new URL("./certificate-thread.ts", import.meta.url), { name: "certificates" });
    const job: CertificateJob = { nowMs: this.#world.clock.nowMs(), random: this.#world.chance.bytes(serialBytes), ...what };
    this.#thread.postMessage(job);
    // Rejects with what the thread failed of.
    const [pair] = await once(this.#thread, "message") as [KeyPair];
    return pair;
  }
}
