import type { Duplex } from "node:stream";
import { isPassedOn } from "../proxied-answer.ts";
import { askUpgrade, unreachable } from "../proxy.ts";
import type { ProgramAnswer, ProxiedProgram } from "../proxy.ts";
import type { SocketHandshake } from "./web-sockets.ts";

/**
 * Passes an upgrade on to a program in a pod: what it answers is the client's answer, and behind it both speak to each other as they like, until one of
 * them ends. Throws ApiError ServiceUnavailable when the program cannot be reached, or answers as if nothing had been asked for.
 *
 * @see kubernetes apimachinery pkg/util/proxy/upgradeaware.go tryUpgrade
 */
export async function passUpgrade(program: ProxiedProgram, { request, socket, head }: SocketHandshake): Promise<void> {
  const answer = await askUpgrade(program, request);
  const { response } = answer;
  const code = response.statusCode ?? 0;
  if (answer.kind === "refused" && code < 400) {
    program.stream.destroy();
    throw unreachable(`invalid upgrade response: status code ${code}`);
  }
  socket.write(`HTTP/1.1 ${code} ${response.statusMessage ?? ""}\r\n${headLines(answer)}\r\n`);
  if (answer.kind === "refused") {
    await new Promise<void>((resolve) => {
      for (const one of [response, socket]) one.once("close", resolve);
      response.pipe(socket);
    });
    program.stream.destroy();
    return;
  }
  if (answer.head.length > 0) socket.write(answer.head);
  if (head.length > 0) answer.upgraded.write(head);
  await joined(socket, answer.upgraded);
}

/** The program's headers as it wrote them, those that end here left out. */
function headLines({ kind, response: { rawHeaders } }: ProgramAnswer): string {
  let lines = kind === "refused" ? "Connection: close\r\n" : "";
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    const lower = name.toLowerCase();
    const isUpgrade = kind === "upgraded" && (lower === "connection" || lower === "upgrade");
    if (isUpgrade || (isPassedOn(lower) && lower !== "set-cookie")) lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** Lets two ends speak to each other until one of them ends. */
function joined(client: Duplex, program: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      // What the program said last still leaves.
      client.end(() => { client.destroy(); });
      program.destroy();
      resolve();
    };
    for (const one of [client, program]) for (const event of ["end", "close", "error"]) one.on(event, end);
    client.pipe(program);
    program.pipe(client);
  });
}
