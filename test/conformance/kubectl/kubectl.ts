import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findInPath } from "../program.ts";

/** The kubectl on this machine, undefined when there is none. Another version of a Cloud SDK lies beside it as `kubectl.1.27`. */
export function findKubectl(version?: string): string | undefined {
  const [found] = findInPath("kubectl");
  if (found === undefined || version === undefined) return found;
  const versioned = join(dirname(realpathSync(found)), `kubectl.${version}`);
  return existsSync(versioned) ? versioned : undefined;
}
