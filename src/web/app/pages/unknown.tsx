import type { JSX } from "preact";
import type { PageProps } from "../pages.ts";
import { Blank } from "../parts/blank.tsx";

/** What stands at an address that is none. */
export function UnknownPage({ route }: PageProps): JSX.Element {
  return <Blank title="There is no such page"><p>{route.page === "unknown" ? <code>{route.path}</code> : null} leads nowhere. <a href="/">To the applications</a></p></Blank>;
}
