import { baselineChecks } from "./baseline.ts";
import type { CheckedPod, PodCheck, Violation } from "./check.ts";
import type { Standard } from "./policy.ts";
import { restrictedChecks } from "./restricted.ts";

/** The newest version of the standard that is known; `latest` and everything newer mean it. */
export const newestMinor = 33;

/** What of a pod violates a standard: the rules of baseline first, each level's by name. Pure. */
export function findViolations(standard: Standard, pod: CheckedPod): readonly Violation[] {
  const minor = standard.version === "latest" ? newestMinor : Math.min(Number(standard.version.slice("v1.".length)), newestMinor);
  return checksOf(standard.level, minor).flatMap((check) => check.find(pod, minor) ?? []);
}

function checksOf(level: Standard["level"], minor: number): readonly PodCheck[] {
  const isCurrent = (check: PodCheck): boolean => check.sinceMinor <= minor;
  switch (level) {
    case "privileged": return [];
    case "baseline": return baselineChecks.filter(isCurrent);
    case "restricted": {
      const own = restrictedChecks.filter(isCurrent);
      return [...baselineChecks.filter((check) => isCurrent(check) && !own.some(({ overrides }) => overrides === check.name)), ...own];
    }
  }
}

/** `host namespaces (hostPID=true), privileged (container "a" must not set securityContext.privileged=true)`. */
export function printViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`)).join(", ");
}
