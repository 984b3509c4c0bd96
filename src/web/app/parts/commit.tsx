import type { JSX } from "preact";
import { nowMs } from "../cluster.ts";
import { authorName, printAgo, shortCommit, subjectOf } from "../say.ts";
import { Icon } from "./icon.tsx";

/** What is known of a commit. */
export interface CommitFacts {
  readonly revision?: string | undefined;
  readonly message?: string | undefined;
  readonly author?: string | undefined;
  readonly committedAt?: string | undefined;
}

/** A commit on two lines: what it says, and its id, author and age. */
export function Commit({ revision, message, author, committedAt }: CommitFacts): JSX.Element {
  if (revision === undefined || revision === "") return <span class="muted">no commit yet</span>;
  return (
    <span class="commit">
      <span class="commit-subject" title={message}>{subjectOf(message) === "" ? "(no message)" : subjectOf(message)}</span>
      <span class="muted commit-facts">
        <Icon name="commit" /><code title={revision}>{shortCommit(revision)}</code>
        {author === undefined ? null : <span>{authorName(author)}</span>}
        <Ago time={committedAt} />
      </span>
    </span>
  );
}

/** `3m ago`, kept true. */
export function Ago({ time }: { readonly time: string | undefined }): JSX.Element | null {
  const text = printAgo(time, nowMs.value);
  return text === "" ? null : <time dateTime={time} title={time}>{text}</time>;
}
