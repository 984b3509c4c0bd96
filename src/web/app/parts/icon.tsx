import type { JSX } from "preact";

/** Line drawings on a 16 by 16 grid. */
const paths = {
  check: "M3.5 8.5 6.5 11.5 12.5 4.8",
  cross: "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
  alert: "M8 3v6.2M8 12.2v.3",
  pause: "M6 4.5v7M10 4.5v7",
  question: "M5.8 6a2.2 2.2 0 1 1 3.3 1.9C8.3 8.4 8 8.8 8 9.6M8 12.2v.2",
  turn: "M13 8a5 5 0 1 1-1.6-3.7M13 2.6v2.6h-2.6",
  up: "M8 12.5v-9M4.5 7 8 3.5 11.5 7",
  arrow: "M6 3.5 10.5 8 6 12.5",
  sync: "M2.8 7a5.3 5.3 0 0 1 9.4-2.3M13.2 9a5.3 5.3 0 0 1-9.4 2.3M12.6 2.2v2.7H9.9M3.4 13.8v-2.7h2.7",
  back: "M6.5 4 3 7.5 6.5 11M3.3 7.5H10a3 3 0 0 1 0 6H7.5",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8",
  moon: "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6",
  screen: "M2.5 3.5h11v7.5h-11zM6 13.5h4",
  branch: "M4.5 3v7M4.5 10a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2M11.5 3a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2M11.5 6.2c0 2.6-3 2.6-5.6 4.4",
  commit: "M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2M1.5 8h3.9M10.6 8h3.9",
  copy: "M6 5.5h7v8H6zM3.5 10.5v-8h7",
  leave: "M9.5 3.5h-6v9h6M7 8h7M11.5 5.5 14 8l-2.5 2.5",
} as const;

/** Name of a drawing. */
export type IconName = keyof typeof paths;

/** A small drawing in the colour of the text; says nothing to readers of the screen. */
export function Icon({ name, isTurning = false }: { readonly name: IconName; readonly isTurning?: boolean }): JSX.Element {
  return (
    <svg class={isTurning ? "icon turning" : "icon"} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
