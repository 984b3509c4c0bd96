import type { WebhookClientConfig } from "../../model/generated/admissionregistration-v1.ts";
import { ServiceKind } from "../../model/kinds/service.ts";
import type { CallTarget } from "../questions.ts";
import type { StagedReader } from "../staged-reader.ts";

/** The port of a webhook's Service that names none. */
const defaultPort = 443;

/** A webhook answers in this time unless it says otherwise, upstream's default. */
const defaultTimeoutSeconds = 10;

/** Where a client configuration leads; a text says why nowhere. A Service is called at its address, by its name in the cluster. Pure. */
export function targetOf(config: WebhookClientConfig, timeoutSeconds: number | undefined, reader: Pick<StagedReader, "get">): CallTarget | { readonly url: string; readonly failure: string } {
  const seconds = timeoutSeconds ?? defaultTimeoutSeconds;
  const ca = config.caBundle === undefined || config.caBundle === "" ? {} : { ca: Buffer.from(config.caBundle, "base64").toString() };
  const rest = { ...ca, timeoutMs: seconds * 1_000 };
  const { service } = config;
  if (service === undefined) return { url: withTimeout(config.url ?? "", seconds), ...rest };
  const port = service.port ?? defaultPort;
  const url = withTimeout(`https://${service.name}.${service.namespace}.svc:${port}${service.path ?? ""}`, seconds);
  const found = reader.get(ServiceKind, { namespace: service.namespace, name: service.name });
  if (found === undefined) return { url, failure: `service ${JSON.stringify(service.name)} not found` };
  const host = found.spec.type === "ExternalName" ? found.spec.externalName ?? "" : found.spec.clusterIP ?? "";
  const isOffered = found.spec.type === "ExternalName" || (found.spec.ports ?? []).some((offered) => offered.port === port);
  if (host === "" || host === "None" || !isOffered) return { url, failure: `no service port ${port} found for service ${JSON.stringify(service.name)}` };
  return { url, address: { host, port }, ...rest };
}

function withTimeout(url: string, seconds: number): string {
  return `${url}${url.includes("?") ? "&" : "?"}timeout=${seconds}s`;
}
