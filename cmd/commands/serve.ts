import { hostname } from "node:os";
import { parseSettings, serveFlags } from "../../src/daemon/settings.ts";
import { SettingsError } from "../../src/daemon/settings-error.ts";
import type { Command } from "../command.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";

/** Exit code of a daemon told to stop at once by a second signal, as shells count SIGINT. */
const interruptedCode = 130;

/** Ctrl-C under `npm start` comes several times: from the terminal, from npm and from the script between. What comes this soon is the same wish. */
const sameSignalMs = 200;

/** `capstan serve`: the daemon. */
export const serveCommand: Command = {
  name: "serve", usage: "[flags]", summary: "run the daemon until it is told to stop",
  flags: serveFlags,
  async run(context) {
    const { startDaemon } = await import("../../src/daemon/daemon.ts");
    const settings = settingsOf(context.words, context.environment);
    const daemon = await startDaemon(settings, context.signal).catch((error: unknown) => {
      throw error instanceof SettingsError ? new CommandError(exitCodes.failed, error.message, { cause: error }) : error;
    });
    for (const line of daemon.announcement) context.output.print(line);
    let firstMs: number | undefined;
    const stop = () => {
      const nowMs = performance.now();
      if (firstMs !== undefined && nowMs - firstMs > sameSignalMs) process.exit(interruptedCode);
      if (firstMs === undefined) daemon.stop();
      firstMs ??= nowMs;
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    await daemon.stopped;
    return exitCodes.done;
  },
};

function settingsOf(words: readonly string[], environment: Readonly<Record<string, string | undefined>>): ReturnType<typeof parseSettings> {
  try {
    return parseSettings(words, environment, hostname());
  } catch (error) {
    if (error instanceof SettingsError) throw new CommandError(exitCodes.usage, error.message, { cause: error });
    throw error;
  }
}
