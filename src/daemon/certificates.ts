import { join } from "node:path";
import { writeKubeconfig } from "../api/http/kubeconfig.ts";
import { openPki } from "../api/http/pki.ts";
import type { Pki, PkiOptions } from "../api/http/pki.ts";
import type { World } from "../world/world.ts";
import type { Edges } from "./edges.ts";
import type { Settings } from "./settings.ts";

/** A renewal that failed is tried again after this. */
const renewalRetryMs = 3_600_000;

/** Writes the administrator's kubeconfig, and answers where it lies. */
export async function writeAdminKubeconfig(settings: Settings, edges: Edges, pki: Pki): Promise<string> {
  const path = join(settings.dataDirectory, "kubeconfig");
  const host = settings.listen.host === "0.0.0.0" || settings.listen.host === "::" ? "127.0.0.1" : settings.listen.host;
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${edges.api.port}`;
  await writeKubeconfig(path, { server, ca: pki.ca, user: "kubernetes-admin", credentials: { kind: "certificate", ...pki.admin } });
  return path;
}

/** Renews certificates before they expire, until the signal aborts; new connections get the new one. */
export async function keepCertificates(first: Pki, options: PkiOptions, to: { readonly edges: Edges; readonly settings: Settings; readonly world: World; readonly signal: AbortSignal }): Promise<void> {
  const { edges, settings, world, signal } = to;
  let pki = first;
  while (!signal.aborted) {
    try {
      await world.clock.sleep(Math.max(renewalRetryMs, pki.renewAtMs - world.clock.nowMs()), signal);
      if (world.clock.nowMs() < pki.renewAtMs) continue;
      pki = await openPki(options);
      edges.api.useCertificate(pki.serving);
      edges.frontProxy(pki.frontProxy.client);
      await writeAdminKubeconfig(settings, edges, pki);
      world.log.info("the certificates were renewed", {});
    } catch (error) {
      if (signal.aborted) return;
      world.log.error("the certificates could not be renewed", { error });
    }
  }
}
