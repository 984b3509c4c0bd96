import type { HealthCheck } from "./edge.ts";
import { textAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";

/** The health endpoints: whether the daemon lives, may be asked, and the old one of both. */
export const healthEndpoints = ["healthz", "livez", "readyz"] as const;
export type HealthEndpoint = (typeof healthEndpoints)[number];

/** Which endpoint, and which of its checks, a path asks for; undefined for another path. */
export function parseHealthPath(path: string): { readonly endpoint: HealthEndpoint; readonly name: string | undefined } | undefined {
  const [, root, name, ...more] = path.split("/");
  const endpoint = healthEndpoints.find((one) => one === root);
  return endpoint === undefined || more.length > 0 ? undefined : { endpoint, name: name === "" ? undefined : name };
}

/**
 * Answers a health endpoint, or one check of it; undefined where there is no such check.
 *
 * @see kubernetes apiserver pkg/server/healthz/healthz.go: 500 on failure, `exclude` leaves checks out, failures are told to everybody without why
 */
export function answerHealth({ endpoint, name }: { readonly endpoint: HealthEndpoint; readonly name: string | undefined }, checks: readonly HealthCheck[], query: URLSearchParams): Answer | undefined {
  const own = [ping, ...checks].filter((check) => endpoint === "readyz" || check.isVital === true);
  if (name !== undefined) {
    const check = own.find((one) => one.name === name);
    return check === undefined ? undefined : check.isReady ? textAnswer("ok") : textAnswer(`internal server error: ${check.message ?? "not ready yet"}\n`, 500);
  }
  const excluded = new Set(query.getAll("exclude"));
  const unknown = [...excluded].filter((one) => !own.some((check) => check.name === one));
  const isFine = own.every((check) => check.isReady || excluded.has(check.name));
  if (isFine && !query.has("verbose")) return textAnswer("ok");
  const lines = own.map((check) => (excluded.has(check.name) ? `[+]${check.name} excluded: ok\n` : check.isReady ? `[+]${check.name} ok\n` : `[-]${check.name} failed: ${check.message ?? "not ready yet"}\n`));
  const warning = unknown.length === 0 ? "" : `warn: some health checks cannot be excluded: no matches for ${unknown.map((one) => JSON.stringify(one)).join(",")}\n`;
  return textAnswer(`${lines.join("")}${warning}${endpoint} check ${isFine ? "passed" : "failed"}\n`, isFine ? 200 : 500);
}

const ping: HealthCheck = { name: "ping", isReady: true, isVital: true };
