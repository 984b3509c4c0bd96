import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { DaemonError, read } from "../daemon.ts";
import { parseDiffLine } from "../say.ts";
import type { DiffLine } from "../say.ts";
import { Failure, Skeleton } from "./blank.tsx";

/** What a plan would do, as the daemon answers it. */
export interface PreviewAnswer {
  readonly lines: readonly string[];
  readonly isEmpty: boolean;
  readonly problems: readonly string[];
  readonly steps: readonly {
    readonly action: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly changes: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
  }[];
}

/** The state of a question to the daemon. */
export type Answer<T> = { readonly kind: "waiting" } | { readonly kind: "there"; readonly value: T } | { readonly kind: "failed"; readonly message: string };

/** Asks the daemon whenever the path or the stamp changes; what was known stays until the answer is there. */
export function useAnswer<T>(path: string | undefined, stamp = ""): Answer<T> {
  const [answer, setAnswer] = useState<{ readonly path: string | undefined; readonly answer: Answer<T> }>({ path, answer: { kind: "waiting" } });
  useEffect(() => {
    if (path === undefined) return undefined;
    const ending = new AbortController();
    read<T>(path, ending.signal).then(
      (value) => { setAnswer({ path, answer: { kind: "there", value } }); },
      (error: unknown) => { if (!ending.signal.aborted) setAnswer({ path, answer: { kind: "failed", message: error instanceof DaemonError ? error.message : String(error) } }); },
    );
    return () => { ending.abort(); };
  }, [path, stamp]);
  return answer.path === path ? answer.answer : { kind: "waiting" };
}

const actionMarks: Readonly<Record<string, string>> = { Create: "+", Update: "~", Move: "→", Delete: "−", Keep: "=" };

/** Where the daemon answers what a plan would do, or where fields come from: names of an application and, for a rollback, of a sync. */
export function previewPath(what: "sync" | "rollback" | "origins", ...names: readonly string[]): string {
  return ["/previews", what, ...names.map((name) => encodeURIComponent(name))].join("/");
}

/** Where it tells the fields of an application's newest commit; undefined where a diff is of another commit. */
export type OriginsPath = string | undefined;

/** One object of a plan with its changed fields. */
export function StepDiff({ action, kind, namespace, name, changes, note, isOpen = true, originsPath }: {
  readonly action: string; readonly kind: string; readonly namespace: string; readonly name: string; readonly changes: readonly DiffLine[]; readonly note?: string; readonly isOpen?: boolean;
  readonly originsPath: OriginsPath;
}): JSX.Element {
  const head = (
    <>
      <span class={`step-mark ${action.toLowerCase()}`} aria-hidden="true">{actionMarks[action] ?? "~"}</span>
      <span class="step-name"><strong>{kind}</strong> {namespace === "" ? name : `${namespace}/${name}`}</span>
      <span class="muted step-action">{action}{changes.length > 0 ? ` · ${changes.length} field${changes.length === 1 ? "" : "s"}` : ""}{note === undefined ? "" : ` · ${note}`}</span>
    </>
  );
  if (changes.length === 0) return <div class="step"><div class="step-head">{head}</div></div>;
  return (
    <details class="step" open={isOpen}>
      <summary class="step-head">{head}</summary>
      <ChangeTable changes={changes} objectPath={originsPath === undefined ? undefined : `${originsPath}?${new URLSearchParams({ kind, name, namespace }).toString()}`} />
    </details>
  );
}

/** A field's path, which opens to where its value comes from: the template's line, and the values with the files that set them. */
function Origin({ path, objectPath }: { readonly path: string; readonly objectPath: string }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const answer = useAnswer<{ readonly lines: readonly string[] }>(isOpen ? `${objectPath}&field=${encodeURIComponent(path)}` : undefined);
  return (
    <details class="change-origin" onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary title="Where it comes from"><code class="change-path">{path}</code></summary>
      {!isOpen ? null : answer.kind === "waiting" ? <Skeleton lines={1} /> : <pre>{answer.kind === "failed" ? answer.message : answer.value.lines.filter((line) => line !== path).join("\n")}</pre>}
    </details>
  );
}

/** Changed fields: what was, what will be, and, with the path that tells it of the object, where what will be comes from. */
export function ChangeTable({ changes, objectPath }: { readonly changes: readonly DiffLine[]; readonly objectPath?: OriginsPath }): JSX.Element {
  return (
    <div class="changes">
      {changes.map((change) => (
        <div class="change" key={change.path}>
          {objectPath === undefined || change.after === undefined ? <code class="change-path">{change.path}</code> : <Origin path={change.path} objectPath={objectPath} />}
          {change.before === undefined ? null : <del><span class="sr">was </span>{change.before}</del>}
          {change.after === undefined ? null : <ins><span class="sr">becomes </span>{change.after}</ins>}
        </div>
      ))}
    </div>
  );
}

/** A plan before it is carried out. */
export function Preview({ answer, emptyText, originsPath }: { readonly answer: Answer<PreviewAnswer>; readonly emptyText: string; readonly originsPath?: OriginsPath }): JSX.Element {
  if (answer.kind === "waiting") return <Skeleton lines={4} />;
  if (answer.kind === "failed") return <Failure title="The plan cannot be shown" message={answer.message} />;
  const { problems, steps, isEmpty } = answer.value;
  if (problems.length > 0) return <Failure title="This plan would be refused" message={problems.join("\n")} />;
  if (isEmpty || steps.length === 0) return <p class="muted">{emptyText}</p>;
  return (
    <div class="steps">
      {steps.map((step) => (
        <StepDiff
          key={`${step.kind}/${step.namespace}/${step.name}`} action={step.action} kind={step.kind} namespace={step.namespace} name={step.name} isOpen={steps.length <= 8} originsPath={originsPath}
          changes={step.changes.map(({ path, before, after }) => ({ path, before, after }))}
        />
      ))}
    </div>
  );
}

/** Lines as the reconciler prints them, as changes. */
export function changesOf(lines: readonly string[] | undefined): readonly DiffLine[] {
  return (lines ?? []).map(parseDiffLine);
}
