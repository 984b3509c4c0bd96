import type { JSX } from "preact";
import { notify } from "../actions.ts";
import { Icon } from "./icon.tsx";

/** A text to take along: an address, a commit. */
export function CopyText({ text, label, shown }: { readonly text: string; readonly label: string; readonly shown?: string }): JSX.Element {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(() => { notify("good", `${label} copied`); }, () => { notify("bad", "the browser did not let the page copy"); });
  };
  return (
    <span class="copy-text">
      <code>{shown ?? text}</code>
      <button type="button" class="icon-button small" aria-label={`Copy ${label}`} title={`Copy ${label}`} onClick={copy}><Icon name="copy" /></button>
    </span>
  );
}
