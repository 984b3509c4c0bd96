import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isOwnWrite, readCookie } from "./guard.ts";
import { sessionLifetimeMs } from "./sessions.ts";
import type { Session, Sessions } from "./sessions.ts";
import { parseJsonObject } from "../value/json.ts";

/** Longest body of a login: one token. */
const loginSizeMaxBytes = 8_192;

/** Cookies do not know ports: each daemon of a machine has its own name. */
export function cookieName(port: number): string {
  return `capstan-${port}`;
}

/** What sessions need to know of their server. */
export interface SessionRoutesOptions {
  readonly sessions: Sessions;
  readonly isSecure: boolean;
  readonly cookie: () => string;
  /** Answers the page's document. */
  readonly showPage: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

/** The session of a request. */
export async function sessionOf(request: Pick<FastifyRequest, "headers">, { sessions, cookie }: Pick<SessionRoutesOptions, "sessions" | "cookie">): Promise<Session | undefined> {
  const id = readCookie(request.headers.cookie, cookie());
  return id === undefined ? undefined : sessions.find(id);
}

/** Login by one-time link or token, who is logged in, and logout. */
export function mountSession(page: FastifyInstance, options: SessionRoutesOptions): void {
  const { sessions, cookie } = options;
  page.get("/login", async (request, reply) => {
    const token = new URLSearchParams(request.url.split("?")[1] ?? "").get("token");
    if (token === null || token === "") return options.showPage(request, reply);
    if (sessions.isBlocked(request.ip)) return reply.redirect("/login?problem=blocked", 303);
    const id = sessions.beginWithLink(token, request.ip);
    if (id === undefined) return reply.redirect("/login?problem=link", 303);
    return setCookie(reply, options, id).header("cache-control", "no-store").redirect("/", 303);
  });
  page.get("/session", async (request, reply) => {
    const session = await sessionOf(request, options);
    void reply.header("cache-control", "no-store");
    return session === undefined ? reply.code(401).send({ message: "log in first" }) : { user: session.user.name, groups: session.user.groups };
  });
  page.delete("/session", async (request, reply) => {
    if (!isOwnWrite(request)) return reply.code(403).send({ message: "this request did not come from the page" });
    const id = readCookie(request.headers.cookie, cookie());
    if (id !== undefined) sessions.end(id);
    return setCookie(reply, options, undefined).code(204).send();
  });
  void page.register(async (login) => {
    login.removeAllContentTypeParsers();
    login.addContentTypeParser("application/json", { parseAs: "string", bodyLimit: loginSizeMaxBytes }, (_request, body, done) => { done(null, body); });
    login.post("/session", async (request, reply) => {
      void reply.header("cache-control", "no-store");
      if (!isOwnWrite(request)) return reply.code(403).send({ message: "this request did not come from the page" });
      if (sessions.isBlocked(request.ip)) return reply.code(429).send({ message: "too many failed logins from here; wait a minute" });
      const id = await sessions.beginWithToken(parseToken(request.body), request.ip);
      if (id === undefined) return reply.code(401).send({ message: "this token is unknown, revoked or expired" });
      return setCookie(reply, options, id).code(204).send();
    });
  });
}

function parseToken(body: unknown): string {
  const token = typeof body === "string" ? parseJsonObject(body)?.["token"] : undefined;
  return typeof token === "string" ? token.trim() : "";
}

/** Sets the session's cookie, or takes it away. */
function setCookie(reply: FastifyReply, { isSecure, cookie }: SessionRoutesOptions, id: string | undefined): FastifyReply {
  const age = id === undefined ? 0 : Math.floor(sessionLifetimeMs / 1000);
  return reply.header("set-cookie", `${cookie()}=${id ?? ""}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${isSecure ? "; Secure" : ""}`);
}
