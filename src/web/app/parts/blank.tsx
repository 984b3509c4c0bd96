import type { ComponentChildren, JSX } from "preact";

/** What stands where there is nothing. */
export function Blank({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="blank">
      <p class="blank-title">{title}</p>
      {children === undefined ? null : <div class="blank-text">{children}</div>}
    </div>
  );
}

/** Grey lines as high as what is on its way, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => <div key={index} class="skeleton-line" />)}
    </div>
  );
}

/** What went wrong, in the daemon's words. */
export function Failure({ title, message }: { readonly title: string; readonly message: string }): JSX.Element {
  return (
    <section class="failure" role="alert">
      <p class="failure-title">{title}</p>
      <pre>{message}</pre>
    </section>
  );
}
