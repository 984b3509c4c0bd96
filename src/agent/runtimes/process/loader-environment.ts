/** Variables by which the C library loads or reads what their value names, in any program started with them, and the shell `script` starts. @see ld.so(8), "secure-execution mode" */
const loaderName = /^(?:SHELL|LD_\w+|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_\w+)$/;

/** They travel under this name. */
const hiddenPrefix = "CAPSTAN_HIDDEN_";

/**
 * A container's environment for the helpers that enter it. A process may give itself any environment, and the helpers run as the daemon's user before
 * they become the container's: what would load code into them is renamed, and `restoreLoaderWords` names it back. Pure.
 */
export function hideLoader(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith(hiddenPrefix));
  return Object.fromEntries(own.map(([name, value]) => [loaderName.test(name) ? `${hiddenPrefix}${name}` : name, value]));
}

/** Stands before a command that already runs as the container's user: gives it the names `hideLoader` took. */
export const restoreLoaderWords: readonly string[] = ["/bin/sh", "-c", [
  `for name in $(env | sed -n 's/^${hiddenPrefix}\\([A-Z0-9_]*\\)=.*/\\1/p'); do`,
  `  eval "export $name=\\"\\$${hiddenPrefix}$name\\""; unset "${hiddenPrefix}$name"`,
  `done`,
  `exec "$@"`,
].join("\n"), "sh"];
