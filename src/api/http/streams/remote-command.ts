import { ApiError, isApiError } from "../../../model/api-error.ts";
import type { Pod } from "../../../model/kinds/pod.ts";
import type { JsonObject } from "../../../value/json.ts";
import type { NodeConnection, NodePod } from "../../nodes.ts";
import { chooseContainer } from "../pod-logs.ts";
import { parseFlag } from "../request-options.ts";
import type { CommandSession, WantedStreams } from "./command-session.ts";

/** What an exec or attach asks for. */
export interface CommandRequest extends WantedStreams {
  readonly kind: "exec" | "attach";
  readonly container: string;
  readonly command: readonly string[];
}

/** Reads the options of exec and attach. Throws BadRequest with upstream's texts. @see kubernetes core/v1 PodExecOptions, PodAttachOptions */
export function parseCommandRequest(kind: "exec" | "attach", query: URLSearchParams, pod: Pod): CommandRequest {
  const command = query.getAll("command");
  const isTerminal = parseFlag(query, "tty") ?? false;
  const stdin = parseFlag(query, "stdin") ?? false;
  const stdout = parseFlag(query, "stdout") ?? false;
  // A terminal has one output.
  const stderr = (parseFlag(query, "stderr") ?? false) && !isTerminal;
  if (kind === "exec" && command.length === 0) throw new ApiError("BadRequest", "you must specify at least one command for the container");
  if (!stdin && !stdout && !stderr) throw new ApiError("BadRequest", "you must specify at least 1 of stdin, stdout, stderr");
  return { kind, container: chooseContainer(pod, query.get("container") ?? undefined), command, isTerminal, stdin, stdout, stderr };
}

/** Runs it between node and client, and tells the client how it went. */
export async function runCommand(request: CommandRequest, { node, pod, session }: { readonly node: NodeConnection; readonly pod: NodePod; readonly session: CommandSession }, signal: AbortSignal): Promise<void> {
  const status = await commandStatus(request, () => (request.kind === "exec"
    ? node.exec(pod, { container: request.container, command: request.command, isTerminal: request.isTerminal }, session.streams, signal)
    : node.attach(pod, request.container, session.streams, signal).then(() => 0)));
  await session.finish(status);
}

async function commandStatus({ kind }: CommandRequest, run: () => Promise<number>): Promise<JsonObject> {
  try {
    return statusOfExit(await run());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (isApiError(error)) return { metadata: {}, status: "Failure", message, reason: error.reason, code: error.code };
    return { metadata: {}, status: "Failure", message: `error ${kind === "exec" ? "executing command in" : "attaching to"} container: ${message}`, reason: "InternalError", code: 500 };
  }
}

/** How a program ended, as kubectl reads it. Pure. @see kubernetes kubelet/pkg/cri/streaming/remotecommand/exec.go */
export function statusOfExit(code: number): JsonObject {
  if (code === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {}, status: "Failure", message: `command terminated with non-zero exit code: exit status ${code}`, reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}
