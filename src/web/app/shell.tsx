import type { JSX } from "preact";
import { dismiss, notices } from "./actions.ts";
import { connect, connection, hello, nowMs } from "./cluster.ts";
import { ask } from "./daemon.ts";
import { disconnect } from "./cluster.ts";
import { navigate, route } from "./navigate.ts";
import { pages } from "./pages.ts";
import { Login } from "./pages/login.tsx";
import { Icon } from "./parts/icon.tsx";
import { printRoute } from "./route.ts";
import type { Route } from "./route.ts";
import { nextTheme, theme } from "./theme.ts";

const places: readonly { readonly text: string; readonly route: Route; readonly pages: readonly Route["page"][] }[] = [
  { text: "Applications", route: { page: "applications" }, pages: ["applications", "application"] },
  { text: "Queue", route: { page: "queue" }, pages: ["queue"] },
  { text: "Nodes", route: { page: "nodes" }, pages: ["nodes"] },
  { text: "Repositories", route: { page: "repositories" }, pages: ["repositories"] },
];

/** The frame around every page: where one can go, whether what one sees is current, and the page itself. */
export function Shell(): JSX.Element {
  const here = route.value;
  if (connection.value.kind === "logged-out") return <Login problem={here.page === "login" ? here.problem : undefined} />;
  const Page = pages[here.page];
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="bar">
        <a class="mark" href="/" aria-label="Capstan, applications"><img src="/assets/icon.svg" alt="" width="24" height="24" /><span>Capstan</span></a>
        <nav class="places" aria-label="Pages">
          {places.map((place) => <a key={place.text} href={printRoute(place.route)} aria-current={place.pages.includes(here.page) ? "page" : undefined}>{place.text}</a>)}
        </nav>
        <div class="bar-end">
          <ConnectionSign />
          <ThemeSwitch />
          <button type="button" class="icon-button" aria-label={`Log out ${hello.value?.user ?? ""}`} title={`Log out ${hello.value?.user ?? ""}`} onClick={() => { void logOut(); }}><Icon name="leave" /></button>
        </div>
      </header>
      <LostBanner />
      <main id="main" tabIndex={-1}><Page route={here} /></main>
      <div class="notices" role="status" aria-live="polite">
        {notices.value.map((notice) => (
          <div key={notice.id} class={`notice ${notice.tone}`}>
            <Icon name={notice.tone === "good" ? "check" : "alert"} /><span>{notice.text}</span>
            <button type="button" class="icon-button small" aria-label="Dismiss" onClick={() => { dismiss(notice.id); }}><Icon name="cross" /></button>
          </div>
        ))}
      </div>
    </>
  );
}

function ConnectionSign(): JSX.Element {
  const kind = connection.value.kind;
  const text = kind === "live" ? "Live" : kind === "connecting" ? "Connecting" : "Offline";
  return <span class={`live ${kind}`} role="status"><span class="live-dot" aria-hidden="true" />{text}</span>;
}

function LostBanner(): JSX.Element | null {
  const state = connection.value;
  if (state.kind !== "lost") return null;
  const seconds = Math.max(Math.ceil((state.retryAtMs - nowMs.value) / 1000), 0);
  return (
    <div class="banner" role="alert">
      <span>The daemon cannot be reached. What you see is the last it told{seconds > 0 ? `; trying again in ${seconds} s.` : "; trying again …"}</span>
      <button type="button" class="button small" onClick={connect}>Try now</button>
    </div>
  );
}

function ThemeSwitch(): JSX.Element {
  const icon = theme.value === "light" ? "sun" : theme.value === "dark" ? "moon" : "screen";
  const text = theme.value === "system" ? "Theme: as the system" : `Theme: ${theme.value}`;
  return <button type="button" class="icon-button" aria-label={text} title={text} onClick={nextTheme}><Icon name={icon} /></button>;
}

async function logOut(): Promise<void> {
  await ask("/session", { method: "DELETE" }).catch(() => undefined);
  disconnect();
  navigate({ page: "applications" }, { replace: true });
}
