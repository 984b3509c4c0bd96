import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BoundError, boundFlags, parseBounds } from "../render/bound-flags.ts";
import type { RenderBounds } from "../render/limits.ts";
import { oidcFlags, parseOidc } from "./oidc-settings.ts";
import type { OidcSettings } from "./oidc-settings.ts";
import { SettingsError } from "./settings-error.ts";

/** How the daemon runs. Every flag has a `CAPSTAN_…` variable of the same name; the flag wins. */
export interface Settings {
  readonly dataDirectory: string;
  /** The Kubernetes API, always TLS. */
  readonly listen: Address;
  /** Dashboard, Git and webhooks. */
  readonly web: Address;
  /** Certificate and key for the web address when it is not loopback. */
  readonly webTls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Plain HTTP beyond loopback, asked for by name. */
  readonly isInsecureWebAllowed: boolean;
  /** Undefined: on the first start. */
  readonly demo: boolean | undefined;
  readonly redis: string;
  readonly runtime: string;
  /** Tokens that hold while the daemon runs; none when undefined. */
  readonly tokenFile: string | undefined;
  /** Who is named as issuer of ServiceAccounts' tokens; the cluster's own name when undefined. */
  readonly accountIssuer: string | undefined;
  /** The provider whose users are known; none when absent. */
  readonly oidc?: OidcSettings;
  readonly nodeName: string;
  /** Bounds of renders that are not the constants'. */
  readonly renderBounds: Partial<RenderBounds>;
  /** The keys that seal secrets in the store, outside of it. */
  readonly secretKeysFile: string;
  /** What of requests is told, and where; nothing when absent. */
  readonly audit?: { readonly policyFile: string; readonly logFile: string };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The flags of `capstan serve`, with what `--help` says of them. */
export const serveFlags = {
  data: { type: "string", value: "DIR", help: "where everything is kept (default ~/.capstan)" },
  listen: { type: "string", value: "HOST:PORT", help: "Kubernetes API, TLS (default 127.0.0.1:7443)" },
  web: { type: "string", value: "HOST:PORT", help: "dashboard, Git and webhooks (default 127.0.0.1:7080)" },
  "web-cert": { type: "string", value: "FILE", help: "certificate for --web beyond loopback" },
  "web-key": { type: "string", value: "FILE", help: "its private key" },
  "web-insecure": { type: "boolean", value: "", help: "plain HTTP on --web even beyond loopback" },
  demo: { type: "boolean", value: "", help: "create the demo repository and application (default: on first start)" },
  "no-demo": { type: "boolean", value: "", help: "do not" },
  redis: { type: "string", value: "URL|private|none", help: "where jobs are queued (default private: the daemon starts its own)" },
  runtime: { type: "string", value: "auto|process|simulated", help: "how containers run (default auto)" },
  "token-auth-file": { type: "string", value: "FILE", help: "tokens of people and programs: token,user,uid,\"group,group\" a line" },
  "service-account-issuer": { type: "string", value: "URL", help: "issuer of the tokens of ServiceAccounts (default https://kubernetes.default.svc.cluster.local)" },
  ...oidcFlags,
  ...boundFlags,
  node: { type: "string", value: "NAME", help: "name of the local node (default: the host name)" },
  "audit-policy": { type: "string", value: "FILE", help: "what of requests the audit log tells (a Policy of audit.k8s.io/v1); nothing without" },
  "audit-log": { type: "string", value: "FILE", help: "the audit log (default audit.log in --data)" },
  "secret-keys": { type: "string", value: "FILE", help: "keys that seal secrets in the store (default secret-keys in --data)" },
} as const;

/** The runtimes that can be chosen. */
const runtimeNames = ["auto", "process", "simulated"];

/** Reads the flags and variables of `capstan serve`. Throws SettingsError. */
export function parseSettings(words: readonly string[], environment: Readonly<Record<string, string | undefined>>, hostName: string): Settings {
  const flags = parseFlags(words);
  const text = (name: keyof typeof serveFlags): string | undefined => {
    const flag = flags[name];
    return typeof flag === "string" ? flag : environment[variableOf(name)];
  };
  const isSet = (name: keyof typeof serveFlags): boolean => flags[name] === true || /^(1|true|yes)$/i.test(environment[variableOf(name)] ?? "");
  const web = parseAddress("web", text("web") ?? "127.0.0.1:7080");
  const certFile = text("web-cert");
  const keyFile = text("web-key");
  const webTls = certFile !== undefined && keyFile !== undefined ? { certFile: resolve(certFile), keyFile: resolve(keyFile) } : undefined;
  if (!isLoopback(web.host) && webTls === undefined && !isSet("web-insecure")) {
    throw new SettingsError(`--web ${web.host}:${web.port} is reachable from other machines: give --web-cert and --web-key, or say --web-insecure to serve plain HTTP`);
  }
  const runtime = text("runtime") ?? "auto";
  if (!runtimeNames.includes(runtime)) throw new SettingsError(`--runtime ${runtime}: choose one of ${runtimeNames.join(", ")}`);
  const accountIssuer = text("service-account-issuer");
  if (accountIssuer !== undefined && !/^https:\/\/[^\s?#]+$/.test(accountIssuer)) throw new SettingsError(`--service-account-issuer ${accountIssuer}: give an https:// URL without query`);
  const oidc = parseOidc(text);
  if (oidc !== undefined && oidc.rules.issuer === accountIssuer) throw new SettingsError(`--oidc-issuer-url ${accountIssuer} is the issuer of ServiceAccounts as well: give them another with --service-account-issuer`);
  const tokenFile = text("token-auth-file");
  const redis = text("redis") ?? "private";
  if (redis !== "private" && redis !== "none" && !/^(rediss?:\/\/|unix:|\/)/.test(redis)) throw new SettingsError(`--redis ${redis}: give a redis:// URL, a socket's path, private or none`);
  const dataDirectory = resolve(text("data") ?? join(environment["HOME"] ?? homedir(), ".capstan"));
  const auditPolicy = text("audit-policy");
  return {
    ...(auditPolicy === undefined ? {} : { audit: { policyFile: resolve(auditPolicy), logFile: resolve(text("audit-log") ?? join(dataDirectory, "audit.log")) } }),
    ...(oidc === undefined ? {} : { oidc }), dataDirectory, secretKeysFile: resolve(text("secret-keys") ?? join(dataDirectory, "secret-keys")),
    listen: parseAddress("listen", text("listen") ?? "127.0.0.1:7443"), web, webTls, isInsecureWebAllowed: isSet("web-insecure"),
    demo: isSet("demo") ? true : isSet("no-demo") ? false : undefined, redis, runtime, accountIssuer,
    tokenFile: tokenFile === undefined ? undefined : resolve(tokenFile), renderBounds: boundsOf(text), nodeName: nodeNameOf(text("node") ?? hostName),
  };
}

function boundsOf(text: (name: keyof typeof boundFlags) => string | undefined): Partial<RenderBounds> {
  try {
    return parseBounds(text);
  } catch (error) {
    if (error instanceof BoundError) throw new SettingsError(error.message, { cause: error });
    throw error;
  }
}

function parseFlags(words: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  try {
    return parseArgs({ args: [...words], options: serveFlags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function variableOf(name: string): string {
  return `CAPSTAN_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Reads `HOST:PORT`; an IPv6 host stands in brackets. */
function parseAddress(flag: string, text: string): Address {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3] ?? Number.NaN);
  if (found === null || !(port >= 0 && port <= 65_535)) throw new SettingsError(`--${flag} ${text}: write HOST:PORT, such as 127.0.0.1:7443`);
  return { host: found[1] ?? found[2] ?? "", port };
}

/** A failure to start as a person should read it: a taken or foreign address names its flag. Other failures stay as they are. */
export function explainStart(error: unknown, settings: Pick<Settings, "listen" | "web" | "dataDirectory">): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const { code } = error;
  const port = "port" in error ? error.port : undefined;
  const flag = port === settings.listen.port ? "listen" : port === settings.web.port ? "web" : undefined;
  const reason = listenReasons[String(code)];
  if (flag !== undefined && reason !== undefined) return new SettingsError(`--${flag} ${settings[flag].host}:${settings[flag].port} ${reason}; give another with --${flag} HOST:PORT`, { cause: error });
  const folderReason = "path" in error ? folderReasons[String(code)] : undefined;
  return folderReason === undefined ? error : new SettingsError(`--data ${settings.dataDirectory} ${folderReason}; give another with --data DIR`, { cause: error });
}

const listenReasons: Readonly<Record<string, string | undefined>> = {
  EADDRINUSE: "is taken by another program", EACCES: "may not be taken by this user", EADDRNOTAVAIL: "is no address of this machine", ENOTFOUND: "is no known host",
};

const folderReasons: Readonly<Record<string, string | undefined>> = {
  EEXIST: "is no folder", ENOTDIR: "lies in what is no folder", EACCES: "may not be written by this user", EROFS: "is on a read-only file system", ENOENT: "lies where no folder can be made", EPERM: "lies where no folder can be made", ENOSPC: "is on a full disk",
};

/** True for addresses only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A host name as a node name: DNS subdomain letters only. */
function nodeNameOf(text: string): string {
  const name = text.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-").replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  return name === "" ? "local" : name;
}
