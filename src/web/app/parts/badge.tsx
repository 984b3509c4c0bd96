import type { JSX } from "preact";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icon.tsx";

/** What a colour says. */
export type Tone = "good" | "warn" | "bad" | "busy" | "quiet";

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text?: string;
}

const looks: Readonly<Record<string, Look>> = {
  Healthy: { tone: "good", icon: "check" },
  Progressing: { tone: "busy", icon: "turn" },
  Degraded: { tone: "bad", icon: "alert" },
  Suspended: { tone: "quiet", icon: "pause" },
  Missing: { tone: "warn", icon: "question" },
  Unknown: { tone: "quiet", icon: "question" },
  Synced: { tone: "good", icon: "check" },
  OutOfSync: { tone: "warn", icon: "up", text: "Out of sync" },
  Extra: { tone: "warn", icon: "alert", text: "Not in Git" },
  Pending: { tone: "quiet", icon: "pause" },
  Running: { tone: "busy", icon: "turn" },
  Succeeded: { tone: "good", icon: "check" },
  Failed: { tone: "bad", icon: "cross" },
  Superseded: { tone: "quiet", icon: "arrow" },
  Done: { tone: "good", icon: "check" },
  Skipped: { tone: "quiet", icon: "arrow" },
  Ready: { tone: "good", icon: "check" },
  NotReady: { tone: "bad", icon: "cross", text: "Not ready" },
};

/** A state as a sign, a word and a colour, so that none of them is needed alone. */
export function Badge({ state, label, title }: { readonly state: string; readonly label?: string; readonly title?: string }): JSX.Element {
  const look = looks[state] ?? { tone: "quiet", icon: "question" };
  return (
    <span class={`badge ${look.tone}`} title={title}>
      <Icon name={look.icon} isTurning={look.tone === "busy"} />
      <span>{label ?? look.text ?? state}</span>
    </span>
  );
}

/** The tone of a state. */
export function toneOf(state: string | undefined): Tone {
  return looks[state ?? ""]?.tone ?? "quiet";
}

/** The health of an application. */
export function HealthBadge({ state = "Unknown" }: { readonly state: string | undefined }): JSX.Element {
  return <Badge state={state} {...(state === "Unknown" ? { label: "Health unknown" } : {})} />;
}

/** Whether an application is what Git says. */
export function SyncBadge({ state = "Unknown" }: { readonly state: string | undefined }): JSX.Element {
  return <Badge state={state} {...(state === "Unknown" ? { label: "Not compared" } : {})} />;
}
