import type { GitRemote } from "./git-driver.ts";

/** Settings of git as `section.name` → value. */
export type GitSettings = readonly (readonly [string, string])[];

/** What holds for every git command: nothing of the machine's or the user's configuration, no hooks, no prompts, only HTTP. */
const safeSettings: GitSettings = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.askPass", ""],
  ["core.attributesFile", "/dev/null"],
  ["credential.helper", ""],
  ["protocol.allow", "never"],
  ["protocol.http.allow", "always"],
  ["protocol.https.allow", "always"],
  ["http.followRedirects", "false"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "30"],
  ["safe.directory", "*"],
  ["gc.autoDetach", "false"],
  ["commit.gpgSign", "false"],
  ["init.defaultBranch", "main"],
  ["advice.detachedHead", "false"],
];

/**
 * The whole environment of a git command. Settings travel in it, so that no credential shows in an argument list
 * (which every user of the machine may read; the environment only the same user).
 */
export function gitEnvironment(base: { readonly path: string; readonly home: string }, settings: GitSettings = []): Record<string, string> {
  const all = [...safeSettings, ...settings];
  const environment: Record<string, string> = {
    PATH: base.path, HOME: base.home, LC_ALL: "C", TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "true", SSH_ASKPASS: "true", GIT_PROTOCOL_FROM_USER: "0",
    GIT_CONFIG_COUNT: String(all.length),
  };
  all.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return environment;
}

/** Settings that let git talk to one remote: the credentials bound to its origin, the certificate check. */
export function remoteSettings(remote: GitRemote): GitSettings {
  const settings: (readonly [string, string])[] = [];
  const origin = new URL(remote.url).origin;
  if (remote.credentials !== undefined) settings.push([`http.${origin}/.extraHeader`, `Authorization: ${basicAuthorization(remote.credentials)}`]);
  if (remote.insecure === true) settings.push(["http.sslVerify", "false"]);
  return settings;
}

/** The value of an `Authorization` header (RFC 7617). */
export function basicAuthorization(credentials: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, "utf8").toString("base64")}`;
}
