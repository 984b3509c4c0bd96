import type { JSX } from "preact";
import { nowMs, queue } from "../cluster.ts";
import { Blank, Skeleton } from "../parts/blank.tsx";
import { Icon } from "../parts/icon.tsx";
import { printRoute } from "../route.ts";
import { printAgo } from "../say.ts";

const counts = ["waiting", "active", "delayed", "failed", "completed"] as const;

/** What waits and runs, and where the queue is kept. */
export function QueuePage(): JSX.Element {
  const state = queue.value;
  if (state === undefined) return <><h1>Queue</h1><Skeleton lines={4} /></>;
  const isDurable = state.driver === "redis" && state.isConnected;
  return (
    <>
      <div class="page-head"><h1>Queue</h1></div>
      <p class={`note ${isDurable ? "good" : "warn"}`}>
        <Icon name={isDurable ? "check" : "alert"} />
        <span>
          <strong>{state.driver === "redis" ? (state.isConnected ? "Jobs are kept in Redis." : "Redis cannot be reached.") : "Jobs are kept in memory."}</strong>
          {" "}{state.message === "" ? "" : `${state.message.charAt(0).toUpperCase()}${state.message.slice(1)}.`.replace(/\.\.$/, ".")}
        </span>
      </p>
      {state.queues.map((one) => (
        <section class="card block" key={one.name} aria-labelledby={`queue-${one.name}`}>
          <h2 id={`queue-${one.name}`}>{one.name === "sync" ? "Syncs" : "Rollbacks"}</h2>
          <dl class="figures">
            {counts.map((count) => <div key={count}><dt>{count}</dt><dd>{one[count]}</dd></div>)}
          </dl>
          {one.jobs.length === 0 ? <p class="muted">Nothing waits.</p> : (
            <div class="scroll">
              <table>
                <thead><tr><th>Application</th><th>State</th><th>Attempt</th><th>Plan</th><th>Since</th></tr></thead>
                <tbody>
                  {one.jobs.map((job) => (
                    <tr key={`${job.application}${job.planDigest}`}>
                      <td><a href={addressOf(job.application)}>{job.application}</a></td><td>{job.state}</td><td>{job.attempt}</td>
                      <td><code>{job.planDigest.replace(/^sha256:/, "").slice(0, 12)}</code></td><td>{printAgo(new Date(job.enqueuedAtMs).toISOString(), nowMs.value)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      ))}
      {state.queues.length === 0 ? <Blank title="No queue" /> : null}
    </>
  );
}

function addressOf(application: string): string {
  const [namespace = "", name = ""] = application.split("/");
  return printRoute({ page: "application", namespace, name, tab: "resources", query: {} });
}
