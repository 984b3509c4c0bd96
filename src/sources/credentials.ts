import type { Client } from "../api/client.ts";
import { RepositoryKind } from "../model/kinds/repository.ts";
import type { Repository } from "../model/kinds/repository.ts";
import { SecretKind } from "../model/kinds/secret.ts";
import type { RepositoryProblem } from "../world/repositories.ts";
import type { GitRemote } from "./git-driver.ts";
import { isProblem, problem } from "./problem.ts";

/** A URL in the form by which Repository objects are found: without `.git`, a slash at the end, or capitals in the host. */
export function normalizeUrl(url: string): string {
  const text = URL.canParse(url) ? new URL(url).href : url;
  return text.replace(/\/+$/u, "").replace(/\.git$/u, "");
}

/** What is wrong with an outside URL, or undefined. */
export function checkUrl(url: string): RepositoryProblem | undefined {
  if (!URL.canParse(url)) return problem("NotAllowed", `"${url.slice(0, 200)}" is no URL; give https://HOST/PATH, or /git/NAME.git for a hosted repository`);
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:" && parsed.protocol !== "oci:") return problem("NotAllowed", `${parsed.protocol}// is not supported for repositories; give the https:// URL`);
  if (parsed.username !== "" || parsed.password !== "") return problem("NotAllowed", `the URL of ${parsed.host}${parsed.pathname} has a user or password in it; put them in a Secret and name it in a Repository's secretRef`);
  return undefined;
}

/** Finds the Repository object for a URL in a namespace. */
export async function findRepository(client: Client, namespace: string, url: string): Promise<Repository | undefined> {
  const wanted = normalizeUrl(url);
  const { items } = await client.list(RepositoryKind, { namespace });
  return items.find((item) => item.spec.url !== undefined && normalizeUrl(item.spec.url) === wanted);
}

/** The remote of a URL as one namespace may reach it: with the credentials its Repository object names. */
export async function findRemote(client: Client, namespace: string, url: string): Promise<GitRemote | RepositoryProblem> {
  const fault = checkUrl(url);
  if (fault !== undefined) return fault;
  const repository = await findRepository(client, namespace, url);
  const remote: GitRemote = repository?.spec.insecure === true ? { url, insecure: true } : { url };
  const secretName = repository?.spec.secretRef?.name;
  if (repository === undefined || secretName === undefined || secretName === "") return remote;
  const credentials = await readCredentials(client, { namespace, secretName, repository: repository.metadata.name, host: new URL(url).hostname });
  if (isProblem(credentials)) return credentials;
  if (new URL(url).protocol === "http:" && repository.spec.insecure !== true && !isLoopback(new URL(url).hostname)) {
    return problem("NotAllowed", `${url}: credentials are not sent over http://; use https://, or set insecure on Repository ${repository.metadata.name}`);
  }
  return { ...remote, credentials };
}

/** The public keys packages of this URL must be signed by; undefined where nobody asks for any. */
export async function findKeyring(client: Client, namespace: string, url: string): Promise<Uint8Array | RepositoryProblem | undefined> {
  const repository = await findRepository(client, namespace, url);
  const secretName = repository?.spec.keyringSecretRef?.name;
  if (repository === undefined || secretName === undefined) return undefined;
  const secret = await client.get(SecretKind, { namespace, name: secretName });
  const encoded = secret?.data?.["keyring"];
  if (encoded !== undefined) return Buffer.from(encoded, "base64");
  const named = `Secret ${namespace}/${secretName} (keyringSecretRef of Repository ${repository.metadata.name})`;
  return problem("Unauthorized", secret === undefined ? `${named} does not exist; create it with the key keyring, which holds what \`gpg --export\` writes` : `${named} has no key keyring; add what \`gpg --export\` writes`);
}

async function readCredentials(
  client: Client, where: { readonly namespace: string; readonly secretName: string; readonly repository: string; readonly host: string },
): Promise<{ readonly username: string; readonly password: string } | RepositoryProblem> {
  const { namespace, secretName } = where;
  const named = `Secret ${namespace}/${secretName} (secretRef of Repository ${where.repository})`;
  const secret = await client.get(SecretKind, { namespace, name: secretName });
  if (secret === undefined) return problem("Unauthorized", `${named} does not exist; create it with the keys username and password, or token`);
  const read = (key: string) => {
    const encoded = secret.data?.[key];
    return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8").trim();
  };
  const username = read("username");
  const password = read("password") ?? read("token");
  if (password === undefined || password === "") return problem("Unauthorized", `${named} has neither the key password nor token; add one`);
  if (read("password") !== undefined && read("token") === undefined && (username === undefined || username === "")) return problem("Unauthorized", `${named} has a password but no username; add the key username`);
  if (/[\r\n]/u.test(password) || /[\r\n:]/u.test(username ?? "")) return problem("Unauthorized", `${named} has a line break in it, or a colon in the username`);
  return { username: username === undefined || username === "" ? tokenUser(where.host) : username, password };
}

/** The user name that goes with a bare token. Most hosts take any; Bitbucket wants its own. @see Bitbucket "Using access tokens" */
function tokenUser(host: string): string {
  return host === "bitbucket.org" ? "x-token-auth" : "x-access-token";
}

/** True for a host that is this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(host);
}
