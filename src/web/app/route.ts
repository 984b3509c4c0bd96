/** The tabs of an application, in order. */
export const applicationTabs = ["resources", "diff", "history", "events", "logs"] as const;

/** @see applicationTabs */
export type ApplicationTab = (typeof applicationTabs)[number];

/** Where the page is. */
export type Route =
  | { readonly page: "applications" }
  | { readonly page: "application"; readonly namespace: string; readonly name: string; readonly tab: ApplicationTab; readonly query: Readonly<Record<string, string>> }
  | { readonly page: "queue" }
  | { readonly page: "nodes" }
  | { readonly page: "repositories" }
  | { readonly page: "login"; readonly problem: string | undefined }
  | { readonly page: "unknown"; readonly path: string };

/** Reads an address. Pure; `printRoute` is its inverse. */
export function parseRoute(path: string, search = ""): Route {
  const parts = path.split("/").filter((part) => part !== "").map(decode);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [first, second, third, fourth] = parts;
  if (parts.length === 0) return { page: "applications" };
  if (parts.length === 1 && (first === "queue" || first === "nodes" || first === "repositories" || first === "applications")) return { page: first };
  if (parts.length === 1 && first === "login") return { page: "login", problem: query["problem"] };
  const tab = applicationTabs.find((name) => name === (fourth ?? "resources"));
  if (first === "applications" && second !== undefined && third !== undefined && parts.length <= 4 && tab !== undefined) return { page: "application", namespace: second, name: third, tab, query };
  return { page: "unknown", path };
}

/** Prints the address of a route. Pure. */
export function printRoute(route: Route): string {
  switch (route.page) {
    case "applications": return "/";
    case "application": {
      const tab = route.tab === "resources" ? "" : `/${route.tab}`;
      const search = new URLSearchParams(route.query).toString();
      return `/applications/${encodeURIComponent(route.namespace)}/${encodeURIComponent(route.name)}${tab}${search === "" ? "" : `?${search}`}`;
    }
    case "login": return route.problem === undefined ? "/login" : `/login?problem=${encodeURIComponent(route.problem)}`;
    case "unknown": return route.path;
    case "queue":
    case "nodes":
    case "repositories":
  }
  return `/${route.page}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
