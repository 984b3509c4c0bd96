import { writePrivateFile } from "./pki.ts";

/** Whom a kubeconfig lets in. */
export interface KubeconfigOptions {
  /** `https://HOST:PORT`. */
  readonly server: string;
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly user: string;
  readonly credentials: { readonly kind: "certificate"; readonly key: string; readonly cert: string } | { readonly kind: "token"; readonly token: string };
}

/** A kubeconfig with everything embedded, as YAML. Pure. */
export function printKubeconfig({ server, ca, user, credentials }: KubeconfigOptions): string {
  const encode = (text: string) => Buffer.from(text).toString("base64");
  const shown = credentials.kind === "token"
    ? [`    token: ${JSON.stringify(credentials.token)}`]
    : [`    client-certificate-data: ${encode(credentials.cert)}`, `    client-key-data: ${encode(credentials.key)}`];
  return [
    "apiVersion: v1", "kind: Config", "current-context: capstan",
    "clusters:", "- name: capstan", "  cluster:", `    server: ${JSON.stringify(server)}`, `    certificate-authority-data: ${encode(ca)}`,
    "users:", `- name: ${JSON.stringify(user)}`, "  user:", ...shown,
    "contexts:", "- name: capstan", "  context:", "    cluster: capstan", `    user: ${JSON.stringify(user)}`, "",
  ].join("\n");
}

/** Writes a kubeconfig only its owner may read. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  await writePrivateFile(path, printKubeconfig(options));
}
