import type { Command } from "./command.ts";
import { appGetCommand } from "./commands/app-get.ts";
import { appHistoryCommand } from "./commands/app-history.ts";
import { appListCommand } from "./commands/app-list.ts";
import { appLogsCommand } from "./commands/app-logs.ts";
import { appDiffCommand, appPlanCommand } from "./commands/app-plan.ts";
import { appRollbackCommand } from "./commands/app-rollback.ts";
import { appSyncCommand } from "./commands/app-sync.ts";
import { appTestCommand } from "./commands/app-test.ts";
import { chartLintCommand } from "./commands/chart-lint.ts";
import { chartNewCommand } from "./commands/chart-new.ts";
import { chartPackageCommand } from "./commands/chart-package.ts";
import { chartSchemaCommand } from "./commands/chart-schema.ts";
import { chartTestCommand } from "./commands/chart-test.ts";
import { chartVerifyCommand } from "./commands/chart-verify.ts";
import { chartRenderCommand, renderCommand } from "./commands/render.ts";
import { explainCommand } from "./commands/explain.ts";
import { repoAddCommand } from "./commands/repo-add.ts";
import { repoListCommand } from "./commands/repo-list.ts";
import { rotateCommand } from "./commands/rotate.ts";
import { serveCommand } from "./commands/serve.ts";
import { tokenCreateCommand } from "./commands/token-create.ts";

/** Every command. Adding one = a file in `commands/`, a line here. */
export const commands: readonly Command[] = [
  serveCommand, appListCommand, appGetCommand, appSyncCommand, appDiffCommand, appPlanCommand, appHistoryCommand, appRollbackCommand, appTestCommand, appLogsCommand, explainCommand, rotateCommand,
  repoAddCommand, repoListCommand, renderCommand, chartNewCommand, chartRenderCommand, chartTestCommand, chartLintCommand, chartSchemaCommand, chartPackageCommand, chartVerifyCommand, tokenCreateCommand,
];

/** The command that words begin with, and the words after its name. */
export function findCommand(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    const command = commands.find((one) => one.name === name);
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  return undefined;
}

/** The commands of a group (`app`, `repo`); all of them without one. */
export function commandsOf(group: string | undefined): readonly Command[] {
  return group === undefined ? commands : commands.filter((command) => command.name.startsWith(`${group} `));
}

/** The help of the whole program, or of one group of commands. */
export function printHelp(group?: string): string {
  const listed = commandsOf(group);
  const width = Math.max(...listed.map((command) => command.name.length)) + 3;
  return [
    "capstan: Git in, a running cluster out", "", `usage: capstan ${group === undefined ? "" : `${group} `}COMMAND …`, "",
    ...listed.map((command) => `  ${command.name.padEnd(width)}${command.summary}`), "",
    "capstan COMMAND --help says more. Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 no daemon, 6 differs, 7 to mend.",
  ].join("\n");
}

/** The help of one command. */
export function printCommandHelp(command: Command): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => [`${flag.short === undefined ? "    " : `-${flag.short}, `}--${name}${flag.value === undefined || flag.value === "" ? "" : ` ${flag.value}`}`, flag.help] as const);
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 3;
  return [`usage: capstan ${command.name} ${command.usage}`, "", command.summary, "", ...rows.map(([left, help]) => `  ${left.padEnd(width)}${help}`)].join("\n");
}
