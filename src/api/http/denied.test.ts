import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, before, describe, test } from "node:test";
import { startLoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";
import type { LoopbackEdge } from "../../../test/conformance/kubectl/loopback-edge.ts";

/** One way to ask for something. */
interface Route {
  readonly method: string;
  readonly path: string;
  readonly title: string;
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** What everybody known may ask, as the role `system:basic-user` says. */
const forEverybody: ReadonlySet<string> = new Set(["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"]);

const methods: Readonly<Record<string, string>> = {
  create: "POST", delete: "DELETE", deletecollection: "DELETE", get: "GET", list: "GET", patch: "PATCH", update: "PUT", watch: "GET",
};

/** Every verb of a resource, or of one of its subresources, as a request. */
function routesOf(root: string, { name, namespaced, verbs }: Resource): readonly Route[] {
  const [plural = "", subresource] = name.split("/");
  const collection = `${root}${namespaced ? "/namespaces/default" : ""}/${plural}`;
  const one = `${collection}/x${subresource === undefined ? "" : `/${subresource}`}`;
  return verbs.map((verb) => {
    const isOne = subresource !== undefined || ["get", "update", "patch", "delete"].includes(verb);
    return { method: methods[verb] ?? "GET", path: `${isOne ? one : collection}${verb === "watch" ? "?watch=true" : ""}`, title: `${verb} of ${name}` };
  });
}

describe("every route and verb that discovery tells of", () => {
  const named = new Agent({ keepAlive: true });
  const anonymous = new Agent({ keepAlive: true });
  let edge: LoopbackEdge;
  let routes: readonly Route[] = [];
  const ask = ({ method, path }: Pick<Route, "method" | "path">, as: "admin" | "nobody" | "anonymous", odd: Readonly<Record<string, string>> = {}) => new Promise<{ readonly code: number; readonly text: string }>((resolve, reject) => {
    const body = method === "GET" || method === "DELETE" ? "" : "{}";
    const headers = {
      ...(as === "nobody" ? { "impersonate-user": "nobody" } : {}), ...(body === "" ? {} : { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" }), ...odd,
    };
    const sent = request({ host: "127.0.0.1", port: edge.server.port, method, path, ca: edge.pki.ca, headers, ...(as === "anonymous" ? { agent: anonymous } : { agent: named, ...edge.pki.admin }) }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => { text += chunk.toString(); });
      answer.on("end", () => { resolve({ code: answer.statusCode ?? 0, text }); });
    });
    sent.on("error", reject);
    sent.end(body);
  });
  before(async () => {
    edge = await startLoopbackEdge();
    const read = async (path: string) => JSON.parse((await ask({ method: "GET", path }, "admin")).text) as Record<string, never>;
    const groups = (await read("/apis"))["groups"] as unknown as readonly { readonly versions: readonly { readonly groupVersion: string }[] }[];
    const roots = ["/api/v1", ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
    const lists = await Promise.all(roots.map(async (root) => ({ root, resources: (await read(root))["resources"] as unknown as readonly Resource[] })));
    routes = lists.flatMap(({ root, resources }) => resources.filter(({ name }) => !forEverybody.has(name)).flatMap((resource) => routesOf(root, resource)));
  });
  after(async () => { named.destroy(); anonymous.destroy(); await edge.close(); });

  test("is denied to a user without a rule, before anything else is looked at", async () => {
    assert.ok(routes.length > 500, String(routes.length));
    const wrong: string[] = [];
    for (const route of routes) {
      const { code, text } = await ask(route, "nobody");
      if (code !== 403 || !text.includes('User \\"nobody\\" cannot')) wrong.push(`${route.title}: ${code} ${text.slice(0, 120)}`);
    }
    assert.deepEqual(wrong, []);
  });

  test("is denied whatever is wrong with the request besides", async () => {
    const wrong: string[] = [];
    for (const odd of [{ accept: "text/html" }, { "content-type": "text/html" }]) {
      for (const route of routes) {
        const { code, text } = await ask(route, "nobody", odd);
        if (code !== 403 || !text.includes('User \\"nobody\\" cannot')) wrong.push(`${route.title}: ${code} ${text.slice(0, 120)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test("who may do nothing is not told what there is: what is not served is denied as what is", async () => {
    const denied = (what: string) => `403 User \\"nobody\\" cannot ${what}`;
    const cases: readonly (readonly [method: string, path: string, denied: string, granted: string])[] = [
      ["GET", "/apis/example.com/v1/widgets", 'list resource \\"widgets\\" in API group \\"example.com\\" at the cluster scope', "404 404 page not found"],
      ["GET", "/apis/example.com/v1/namespaces/a/widgets/w/status", 'get resource \\"widgets/status\\" in API group \\"example.com\\" in the namespace \\"a\\"', "404 404 page not found"],
      ["GET", "/apis/apps/v1/widgets?watch=1", 'watch resource \\"widgets\\" in API group \\"apps\\" at the cluster scope', "404 the server could not find the requested resource"],
      ["GET", "/api/v2/pods", 'list resource \\"pods\\" in API group \\"\\" at the cluster scope', "404 404 page not found"],
      ["DELETE", "/api/v1/namespaces/a/widgets", 'deletecollection resource \\"widgets\\" in API group \\"\\" in the namespace \\"a\\"', "404 the server could not find the requested resource"],
      ["GET", "/api/v1/namespaces/a/pods/p/none", 'get resource \\"pods/none\\" in API group \\"\\" in the namespace \\"a\\"', "404 the server could not find the requested resource"],
      ["POST", "/api/v1/namespaces/a/pods/p", 'create resource \\"pods\\" in API group \\"\\" in the namespace \\"a\\"', "405 the server does not allow this method on the requested resource"],
      ["PUT", "/api/v1/namespaces/a/pods", 'update resource \\"pods\\" in API group \\"\\" in the namespace \\"a\\"', "405 the server does not allow this method on the requested resource"],
      ["DELETE", "/api/v1/namespaces", 'deletecollection resource \\"namespaces\\" in API group \\"\\" at the cluster scope', "405 the server does not allow this method on the requested resource"],
      ["GET", "/api/v1/watch/namespaces/a/widgets", 'watch resource \\"widgets\\" in API group \\"\\" in the namespace \\"a\\"', "404 the server could not find the requested resource"],
      ["GET", "/nothing/here", 'get path \\"/nothing/here\\"', "404 404 page not found"],
      ["GET", "/apis/example.com", 'get path \\"/apis/example.com\\"', "404 404 page not found"],
    ];
    const shown = ({ code, text }: { readonly code: number; readonly text: string }) => `${code} ${text.replace(/^.*?(?=User \\")|"reason".*$/gs, "").replace(/^.*"message":"/s, "")}`;
    for (const [method, path, what, granted] of cases) {
      const refused = await ask({ method, path }, "nobody");
      // Whatever discovery tells, every user may ask for.
      if (path === "/apis/example.com") assert.equal(refused.code, 404);
      else assert.ok(shown(refused).startsWith(denied(what)), `${method} ${path}: ${shown(refused)}`);
      assert.ok(shown(await ask({ method, path }, "admin")).startsWith(granted), `${method} ${path}: ${shown(await ask({ method, path }, "admin"))}`);
    }
  });

  test("is denied to whoever does not say who it is", async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      const { code, text } = await ask(route, "anonymous");
      if (code !== 403 || !text.includes('User \\"system:anonymous\\" cannot')) wrong.push(`${route.title}: ${code} ${text.slice(0, 120)}`);
    }
    assert.deepEqual(wrong, []);
  });

  test("goes for documents too, where the roles of everybody do not allow them", async () => {
    const codes = async (path: string) => [(await ask({ method: "GET", path }, "nobody")).code, (await ask({ method: "GET", path }, "anonymous")).code];
    for (const path of ["/metrics", "/openid/v1/jwks", "/.well-known/openid-configuration", "/nothing"]) assert.deepEqual(await codes(path), [403, 403], path);
    for (const path of ["/api", "/apis", "/openapi/v3"]) assert.deepEqual(await codes(path), [200, 403], path);
    for (const path of ["/healthz", "/livez", "/readyz", "/version"]) assert.deepEqual(await codes(path), [200, 200], path);
  });
});
