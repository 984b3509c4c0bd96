import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoute, printRoute } from "./route.ts";
import type { Route } from "./route.ts";

const cases: readonly { readonly address: string; readonly route: Route }[] = [
  { address: "/", route: { page: "applications" } },
  { address: "/queue", route: { page: "queue" } },
  { address: "/nodes", route: { page: "nodes" } },
  { address: "/repositories", route: { page: "repositories" } },
  { address: "/login?problem=link", route: { page: "login", problem: "link" } },
  { address: "/applications/shop/web", route: { page: "application", namespace: "shop", name: "web", tab: "resources", query: {} } },
  { address: "/applications/shop/web/logs?pod=web-1", route: { page: "application", namespace: "shop", name: "web", tab: "logs", query: { pod: "web-1" } } },
  { address: "/nowhere/at/all", route: { page: "unknown", path: "/nowhere/at/all" } },
  { address: "/applications/shop/web/nonsense", route: { page: "unknown", path: "/applications/shop/web/nonsense" } },
];

for (const { address, route } of cases) {
  test(`${address} is read and printed again`, () => {
    const url = new URL(address, "http://page");
    assert.deepEqual(parseRoute(url.pathname, url.search), route);
    assert.equal(printRoute(route), address);
  });
}

test("a broken escape in an address is no failure", () => {
  assert.equal(parseRoute("/applications/%zz/web").page, "application");
});
