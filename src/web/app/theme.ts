import { signal } from "@preact/signals";

/** What the switch says; `system` follows the machine. */
export type Theme = "system" | "light" | "dark";

const key = "capstan-theme";

/** The theme chosen. */
export const theme = signal<Theme>(parseTheme(localStorage.getItem(key)));

/** Goes from one theme to the next. */
export function nextTheme(): void {
  const next: Theme = theme.value === "system" ? "light" : theme.value === "light" ? "dark" : "system";
  theme.value = next;
  if (next === "system") {
    localStorage.removeItem(key);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(key, next);
    document.documentElement.dataset["theme"] = next;
  }
}

function parseTheme(text: string | null): Theme {
  return text === "light" || text === "dark" ? text : "system";
}
