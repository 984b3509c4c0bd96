import type { Taint, Toleration } from "./generated/core-v1.ts";

/** True when a toleration puts up with a taint: same key (none: every key), same effect (none: every effect), Exists or the same value. */
export function isTolerating(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? "") === "") return toleration.operator === "Exists";
  if (toleration.key !== taint.key) return false;
  switch (toleration.operator ?? "Equal") {
    case "Exists": return true;
    case "Equal": return (toleration.value ?? "") === (taint.value ?? "");
    case "Gt": return Number(taint.value) > Number(toleration.value);
    case "Lt": return Number(taint.value) < Number(toleration.value);
  }
}

/** True when one of the tolerations puts up with the taint. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return (tolerations ?? []).some((toleration) => isTolerating(toleration, taint));
}
