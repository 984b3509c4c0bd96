import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { cluster, nowMs } from "../cluster.ts";
import { ask, DaemonError } from "../daemon.ts";
import { emptyLog, searchLines, withText } from "../log-lines.ts";
import type { LogBuffer } from "../log-lines.ts";
import { navigate } from "../navigate.ts";
import type { TabProps } from "../pages/application.tsx";
import { Blank } from "../parts/blank.tsx";
import { buildTree, flatten } from "../tree.ts";
import { treeState } from "./snapshot.ts";

/** Lines of the past that are asked for. */
const tailLines = 1_000;

/** Lines drawn at once; a browser draws these in a frame or two. */
const linesDrawnMax = 1_500;

/** Pause before a log that ended is asked for again, as long as its pod is there. */
const retryMs = 2_000;

/** The logs of one of the application's pods. */
export function LogsTab({ application, route }: TabProps): JSX.Element {
  const pods = flatten(buildTree(application, treeState(), nowMs.value)).filter(({ kind }) => kind === "Pod");
  const pod = pods.find(({ name }) => name === route.query["pod"]) ?? pods[0];
  if (pod === undefined) return <Blank title="No pod is there"><p>Logs are those of the application's pods.</p></Blank>;
  return (
    <div class="card block">
      <label class="field"><span>Pod</span>
        <select value={pod.name} onChange={(event) => { navigate({ ...route, query: { pod: event.currentTarget.value } }, { replace: true }); }}>
          {pods.map(({ name, detail }) => <option key={name} value={name}>{name} · {detail}</option>)}
        </select>
      </label>
      <LogView key={pod.id} namespace={pod.namespace} pod={pod.name} />
    </div>
  );
}

/** The log of a pod: container, follow, search, wrap. */
export function LogView({ namespace, pod }: { readonly namespace: string; readonly pod: string }): JSX.Element {
  const object = cluster.pods.value?.get(`${namespace}/${pod}`);
  const containers = [...object?.spec.containers ?? [], ...object?.spec.initContainers ?? []].map(({ name }) => name);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [isFollowing, setIsFollowing] = useState(true);
  const [isWrapped, setIsWrapped] = useState(true);
  const [search, setSearch] = useState("");
  const container = chosen ?? containers[0];
  const restarts = object?.status.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
  const { buffer, failure } = useLog(container === undefined ? undefined : { namespace, pod, container }, restarts);
  const found = searchLines(buffer.lines, search);
  const drawn = found.slice(-linesDrawnMax);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [drawn.length, buffer, isFollowing, isWrapped]);
  return (
    <div class="log">
      <div class="log-tools">
        {containers.length < 2 ? null : <label class="field"><span>Container</span><select value={container} onChange={(event) => { setChosen(event.currentTarget.value); }}>{containers.map((name) => <option key={name} value={name}>{name}</option>)}</select></label>}
        <label class="search"><span class="sr">Search the log</span><input type="search" placeholder="Search  /" value={search} onInput={(event) => { setSearch(event.currentTarget.value); }} /></label>
        <label class="check"><input type="checkbox" checked={isFollowing} onChange={(event) => { setIsFollowing(event.currentTarget.checked); }} />Follow</label>
        <label class="check"><input type="checkbox" checked={isWrapped} onChange={(event) => { setIsWrapped(event.currentTarget.checked); }} />Wrap</label>
        <span class="muted">{search === "" ? `${buffer.lines.length} line${buffer.lines.length === 1 ? "" : "s"}` : `${found.length} of ${buffer.lines.length} lines`}{buffer.droppedCount > 0 ? `, ${buffer.droppedCount} older ones left out` : ""}</span>
      </div>
      <div
        class={`log-lines ${isWrapped ? "wrapped" : ""}`} ref={box} tabIndex={0} role="log" aria-label={`Log of ${pod}`} aria-live="off"
        onWheel={(event) => { if (event.deltaY < 0) setIsFollowing(false); }}
      >
        {failure === undefined ? null : <p class="log-note">{failure}</p>}
        {drawn.length === 0 && failure === undefined ? <p class="log-note">{search === "" ? "No line yet." : "No line matches."}</p> : null}
        {drawn.map(({ index, line }) => <div class="log-line" key={buffer.droppedCount + index}>{search === "" ? line : <Marked line={line} search={search} />}{"\n"}</div>)}
      </div>
    </div>
  );
}

function Marked({ line, search }: { readonly line: string; readonly search: string }): JSX.Element {
  const at = line.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <>{line}</>;
  return <>{line.slice(0, at)}<mark>{line.slice(at, at + search.length)}</mark>{line.slice(at + search.length)}</>;
}

/** Follows a container's log; begins anew when it restarts. Pieces are put together once a frame. */
function useLog(target: { readonly namespace: string; readonly pod: string; readonly container: string } | undefined, restarts: number): { readonly buffer: LogBuffer; readonly failure: string | undefined } {
  const [buffer, setBuffer] = useState(emptyLog);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [attempt, setAttempt] = useState(0);
  const { namespace = "", pod = "", container = "" } = target ?? {};
  useEffect(() => {
    if (container === "") return undefined;
    const ending = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    let waiting = "";
    setBuffer(emptyLog);
    const take = (text: string): void => {
      waiting += text;
      frame ||= requestAnimationFrame(() => {
        const piece = waiting;
        waiting = "";
        frame = 0;
        setBuffer((known) => withText(known, piece));
      });
    };
    const run = async (): Promise<void> => {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?container=${encodeURIComponent(container)}&follow=true&tailLines=${tailLines}`;
      try {
        const answer = await ask(path, { signal: ending.signal });
        setFailure(undefined);
        const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
        for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) take(piece.value);
      } catch (error) {
        if (ending.signal.aborted) return;
        setFailure(error instanceof DaemonError ? error.message : "the log broke off");
        retry = setTimeout(() => { setAttempt((count) => count + 1); }, retryMs);
      }
    };
    void run();
    return () => {
      ending.abort();
      clearTimeout(retry);
      cancelAnimationFrame(frame);
    };
  }, [namespace, pod, container, restarts, attempt]);
  return { buffer, failure };
}
