import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** A modal dialog or a panel from the side: the browser's own `dialog`, so that focus stays inside, Escape closes and focus goes back. */
export function Dialog({ title, kind, onClose, children }: { readonly title: ComponentChildren; readonly kind: "modal" | "panel"; readonly onClose: () => void; readonly children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => { dialog?.close(); };
  }, []);
  return (
    <dialog
      ref={element} class={kind} aria-labelledby="dialog-title"
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === element.current) onClose(); }}
    >
      <div class="dialog-frame">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={onClose}><Icon name="cross" /></button>
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </dialog>
  );
}
