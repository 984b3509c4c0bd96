import { signal } from "@preact/signals";
import { parseRoute, printRoute } from "./route.ts";
import type { Route } from "./route.ts";

/** Where the page is; follows the browser's address. */
export const route = signal<Route>(parseRoute(location.pathname, location.search));

/** Goes to a route; `replace` leaves no step to go back to. */
export function navigate(to: Route, options: { readonly replace?: boolean } = {}): void {
  const address = printRoute(to);
  if (address !== location.pathname + location.search) history[options.replace === true ? "replaceState" : "pushState"](null, "", address);
  const isOtherPage = to.page !== route.peek().page;
  route.value = to;
  if (isOtherPage) scrollTo(0, 0);
}

/** Follows the browser's back and forward, and clicks on links of the page itself. */
export function startNavigation(): void {
  addEventListener("popstate", () => { route.value = parseRoute(location.pathname, location.search); });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download") || link.hash !== "") return;
    event.preventDefault();
    navigate(parseRoute(link.pathname, link.search));
  });
}
