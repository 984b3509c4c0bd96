import type { ComponentType } from "preact";
import { ApplicationPage } from "./pages/application.tsx";
import { ApplicationsPage } from "./pages/applications.tsx";
import { LoggedInPage } from "./pages/login.tsx";
import { NodesPage } from "./pages/nodes.tsx";
import { QueuePage } from "./pages/queue.tsx";
import { RepositoriesPage } from "./pages/repositories.tsx";
import { UnknownPage } from "./pages/unknown.tsx";
import type { Route } from "./route.ts";

/** What every page is given. */
export interface PageProps {
  readonly route: Route;
}

/** The page of every route. Adding one = a file in `pages/`, a route, a line here. */
export const pages: Readonly<Record<Route["page"], ComponentType<PageProps>>> = {
  applications: ApplicationsPage,
  application: ApplicationPage,
  queue: QueuePage,
  nodes: NodesPage,
  repositories: RepositoriesPage,
  login: LoggedInPage,
  unknown: UnknownPage,
};
