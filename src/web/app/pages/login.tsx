import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { connect } from "../cluster.ts";
import { ask, DaemonError } from "../daemon.ts";
import { navigate } from "../navigate.ts";
import { Icon } from "../parts/icon.tsx";
import { Skeleton } from "../parts/blank.tsx";

const problems: Readonly<Record<string, string>> = {
  link: "This login link was used already or has expired. Restart the daemon for a new one, or log in with a token.",
  blocked: "There were too many failed logins from here. Wait a minute.",
};

/** Logs in with a token. */
export function Login({ problem }: { readonly problem: string | undefined }): JSX.Element {
  const [token, setToken] = useState("");
  const [failure, setFailure] = useState(problem === undefined ? undefined : problems[problem]);
  const [isAsking, setIsAsking] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsAsking(true);
    try {
      await ask("/session", { method: "POST", body: { token: token.trim() } });
      if (location.pathname === "/login") navigate({ page: "applications" }, { replace: true });
      connect();
    } catch (error) {
      setFailure(error instanceof DaemonError ? error.message : String(error));
      setIsAsking(false);
    }
  };
  return (
    <main class="login" id="main">
      <form class="card login-card" onSubmit={(event) => { void submit(event); }}>
        <img src="/assets/icon.svg" alt="" width="40" height="40" />
        <h1>Log in to Capstan</h1>
        <p class="muted">Open the one-time link that <code>npm start</code> printed, or use a token from <code>capstan token create</code>.</p>
        {failure === undefined ? null : <p class="login-failure" role="alert"><Icon name="alert" />{failure}</p>}
        <label for="token">Token</label>
        <input id="token" type="password" autoComplete="current-password" spellcheck={false} required value={token} onInput={(event) => { setToken(event.currentTarget.value); }} />
        <button type="submit" class="button primary" disabled={isAsking}>{isAsking ? "Logging in …" : "Log in"}</button>
      </form>
    </main>
  );
}

/** The login's address for somebody who is logged in: goes to the applications. */
export function LoggedInPage(): JSX.Element {
  useEffect(() => { navigate({ page: "applications" }, { replace: true }); }, []);
  return <Skeleton />;
}
