/** What Node says of a connection that failed. */
interface Failure {
  readonly message: string;
  readonly code?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  /** The certificate that does not fit, of a host that is not in it. */
  readonly cert?: { readonly subjectaltname?: unknown };
}

/** Why a webhook could not be called, in the words of Go's HTTP client, which people look for. Pure. */
export function explainCall(error: unknown, host: string): string {
  if (!(error instanceof Error)) return String(error);
  const failure: Failure = error;
  const { code } = failure;
  if (typeof code !== "string") return error.message;
  const explain = byCode[code];
  return explain === undefined ? error.message : explain(failure, host);
}

const unverified = "tls: failed to verify certificate: x509:";
const unknownAuthority = (): string => `${unverified} certificate signed by unknown authority`;

const byCode: Readonly<Record<string, (failure: Failure, host: string) => string>> = {
  ECONNREFUSED: ({ address, port }) => `dial tcp ${String(address)}:${String(port)}: connect: connection refused`,
  ENOTFOUND: ({ hostname }, host) => `dial tcp: lookup ${typeof hostname === "string" ? hostname : host}: no such host`,
  ECONNRESET: () => "EOF",
  EPROTO: () => "http: server gave HTTP response to HTTPS client",
  CERT_HAS_EXPIRED: () => `${unverified} certificate has expired or is not yet valid`,
  CERT_NOT_YET_VALID: () => `${unverified} certificate has expired or is not yet valid`,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ cert }, host) => {
    const names = namesIn(typeof cert?.subjectaltname === "string" ? cert.subjectaltname : "", isAddress(host));
    if (names.length === 0) return isAddress(host) ? `${unverified} cannot validate certificate for ${host} because it doesn't contain any IP SANs` : `${unverified} certificate is not valid for any names, but wanted to match ${host}`;
    return `${unverified} certificate is valid for ${names.join(", ")}, not ${host}`;
  },
};

/** The names, or the addresses, a certificate is for: `DNS:a.example, IP Address:127.0.0.1`. */
function namesIn(subject: string, isAddresses: boolean): readonly string[] {
  return subject.split(", ").flatMap((entry) => {
    const [, kind = "", name = ""] = /^([^:]*):(.*)$/.exec(entry) ?? [];
    return kind === (isAddresses ? "IP Address" : "DNS") ? [name] : [];
  });
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

/** What a client says of an answer that is a refusal. Pure. @see kubernetes apimachinery pkg/api/errors NewGenericServerResponse */
export function explainAnswer(code: number, text: string): string {
  if (code >= 500) return `an error on the server (${JSON.stringify(text.trim() === "" ? "unknown" : text.trim())}) has prevented the request from succeeding`;
  return answers[code] ?? `the server responded with the status code ${code} but did not return more information`;
}

const answers: Readonly<Record<number, string>> = {
  400: "the server rejected our request for an unknown reason",
  401: "the server has asked for the client to provide credentials",
  403: "unknown",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  409: "the server reported a conflict",
  413: "unknown",
  415: "the body of the request was in an unknown format - accepted media types include: ",
  429: "the server has received too many requests and has asked us to try again later",
};
