import type { Kind } from "../../src/model/kind.ts";
import type { Asker } from "../api/asker.ts";

/** One method on one path of the API; `{name}` and `{namespace}` are still open. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** The kind whose objects it takes, where it has a body. */
  readonly kind: Kind | undefined;
  readonly isStream: boolean;
}

const methods: Readonly<Record<string, string>> = { create: "POST", delete: "DELETE", deletecollection: "DELETE", get: "GET", list: "GET", patch: "PATCH", update: "PUT", watch: "GET" };

const streams: ReadonlySet<string> = new Set(["log", "exec", "attach", "portforward", "proxy"]);

const documents = ["/", "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/version", "/healthz", "/livez", "/readyz?verbose", "/metrics", "/openapi/v3", "/openapi/v3/apis/apps/v1", "/.well-known/openid-configuration", "/openid/v1/jwks", "/apis/capstan.dev/v1/transactions", "/none", "//", "/api/v1/../v1", "/%", "/%2e%2e/x", "/api/v1/namespaces/%2F/pods"];

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** Every verb of every resource and subresource that discovery tells of, and the documents. */
export async function routesOf(asker: Asker, kinds: readonly Kind[]): Promise<readonly Route[]> {
  const groups = (await asker.ask("/apis")).json()["groups"] as unknown as readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
  const versions = ["v1", ...groups.flatMap(({ versions: served }) => served.map(({ groupVersion }) => groupVersion))];
  const routes: Route[] = [];
  for (const version of versions) {
    const root = version === "v1" ? "/api/v1" : `/apis/${version}`;
    for (const resource of (await asker.ask(root)).json()["resources"] as unknown as readonly Resource[]) routes.push(...routesOfResource(root, resource, kinds.find((kind) => kind.plural === resource.name.split("/")[0] && (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`) === version)));
  }
  return [...routes, ...documents.flatMap((path) => ["GET", "POST"].map((method) => ({ method, path, kind: undefined, isStream: false })))];
}

function routesOfResource(root: string, { name, namespaced, verbs }: Resource, kind: Kind | undefined): readonly Route[] {
  const [plural = "", subresource] = name.split("/");
  const collection = `${root}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}`;
  return verbs.map((verb) => {
    const isOne = subresource !== undefined || ["get", "update", "patch", "delete"].includes(verb);
    const path = isOne ? `${collection}/{name}${subresource === undefined ? "" : `/${subresource}`}` : collection;
    return { method: methods[verb] ?? "GET", path: `${path}${verb === "watch" ? "?watch=1" : ""}`, kind, isStream: verb === "watch" || streams.has(subresource ?? "") };
  });
}
