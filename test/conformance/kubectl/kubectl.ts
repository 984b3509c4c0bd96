import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The kubectl on this machine, undefined when there is none. Another version of a Cloud SDK lies beside it as `kubectl.1.27`. */
export function findKubectl(version?: string): string | undefined {
  const found = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "kubectl")).find((path) => existsSync(path));
  if (found === undefined || version === undefined) return found;
  const versioned = join(dirname(realpathSync(found)), `kubectl.${version}`);
  return existsSync(versioned) ? versioned : undefined;
}
