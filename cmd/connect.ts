import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RemoteClient, RemoteClientOptions } from "../src/api/http/remote-client.ts";
import { isApiError } from "../src/model/api-error.ts";
import type { Json, JsonObject } from "../src/value/json.ts";
import { isJsonObject } from "../src/value/json.ts";
import { parseYaml } from "../src/value/yaml.ts";
import { hasErrorCode } from "../src/world/error-code.ts";
import type { CommandContext } from "./command.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/** The flag of every command that talks to a daemon. */
export const daemonFlags = {
  kubeconfig: { type: "string", value: "FILE", help: "which daemon, and as whom (default $KUBECONFIG, else DIR/kubeconfig)" },
} as const;

/** The same, and `-n` with what it says of this command. */
export function flagsWithNamespace<T extends string>(help: T) {
  return { ...daemonFlags, namespace: { type: "string", short: "n", value: "NAME", help } } as const;
}

/** Flags of every command that works on one application. */
export const connectFlags = flagsWithNamespace("namespace of the application (default default)");

/** A daemon at the other end. */
export interface Connection {
  readonly client: RemoteClient;
  /** Reads any path of the API as JSON. */
  read(path: string): Promise<Json>;
  /** Reads any path as text, chunk by chunk. */
  stream(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Connects with the kubeconfig asked for, runs the work, and lets go. Refusals become ends of the command. */
export async function withConnection<T>(context: CommandContext, kubeconfig: string | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
  const path = kubeconfig ?? context.environment["KUBECONFIG"] ?? join(context.environment["CAPSTAN_DATA"] ?? join(homedir(), ".capstan"), "kubeconfig");
  const options = { ...readKubeconfig(path), userAgent: "capstan-cli" };
  // Loaded by commands that connect only: the daemon knows all commands, and needs no HTTP client for them.
  const [{ connect }, { openTransport }] = await Promise.all([import("../src/api/http/remote-client.ts"), import("../src/api/http/transport.ts")]);
  const client = connect(options);
  const transport = openTransport(options);
  try {
    return await work({
      client,
      async read(target) {
        const answer = await transport.request({ method: "GET", path: target, signal: context.signal });
        const body = JSON.parse(await answer.text()) as Json;
        if (answer.code >= 400) throw refusal(answer.code, body);
        return body;
      },
      async *stream(target, signal) {
        const answer = await transport.request({ method: "GET", path: target, signal });
        if (answer.code >= 400) throw refusal(answer.code, JSON.parse(await answer.text()) as Json);
        yield* answer.chunks;
      },
    });
  } catch (error) {
    throw commandErrorOf(error, options.server);
  } finally {
    await Promise.all([client.close(), transport.close()]);
  }
}

/** The end of the command for an answer that is a refusal; its body is a `Status`. */
function refusal(code: number, body: Json): CommandError {
  const message = isJsonObject(body) && typeof body["message"] === "string" ? body["message"] : `the daemon answered ${code}`;
  return new CommandError(code === 404 ? exitCodes.notFound : exitCodes.refused, message);
}

/** What a failure means to a script. */
function commandErrorOf(error: unknown, server: string): unknown {
  if (error instanceof CommandError) return error;
  if (isApiError(error, "ServiceUnavailable")) return new CommandError(exitCodes.unreachable, `${server} does not answer: ${error.message}`, { cause: error });
  if (isApiError(error, "NotFound")) return new CommandError(exitCodes.notFound, error.message, { cause: error });
  if (isApiError(error)) return new CommandError(exitCodes.refused, error.message, { cause: error });
  if (hasErrorCode(error, "ECONNREFUSED", "ENOTFOUND", "ECONNRESET")) return new CommandError(exitCodes.unreachable, `no daemon answers at ${server}; start it with npm start`, { cause: error });
  return error;
}

/** Reads the current context of a kubeconfig. Throws CommandError with the file's name. */
function readKubeconfig(path: string): RemoteClientOptions {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(exitCodes.unreachable, `no kubeconfig at ${path}: start the daemon with npm start, or name another with --kubeconfig`, { cause: error });
  }
  const config = asObject(parseYaml(text, path));
  const context = asObject(named(config["contexts"], config["current-context"])["context"]);
  const cluster = asObject(named(config["clusters"], context["cluster"])["cluster"]);
  const user = asObject(named(config["users"], context["user"])["user"]);
  const server = cluster["server"];
  const ca = decode(cluster["certificate-authority-data"]);
  if (typeof server !== "string" || ca === undefined) throw new CommandError(exitCodes.usage, `${path} names no server with its certificate authority`);
  const token = user["token"];
  const cert = decode(user["client-certificate-data"]);
  const key = decode(user["client-key-data"]);
  if (typeof token === "string") return { server, ca, credentials: { kind: "token", token } };
  if (cert === undefined || key === undefined) throw new CommandError(exitCodes.usage, `${path} holds no token and no client certificate`);
  return { server, ca, credentials: { kind: "certificate", key, cert } };
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function named(list: Json | undefined, name: Json | undefined): JsonObject {
  return Array.isArray(list) ? asObject((list as readonly Json[]).find((one) => asObject(one)["name"] === name)) : {};
}

function decode(value: Json | undefined): string | undefined {
  return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}
