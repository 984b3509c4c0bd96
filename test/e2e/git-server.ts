import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** A Git server as others run it: `git http-backend` behind basic authentication. Nothing of Capstan is in it. */
export class OutsideGit {
  readonly root: string;
  readonly user = "robot";
  readonly password = "pass-word";
  /** Every request so far: `GET /shop.git/info/refs?…`. */
  readonly requests: string[] = [];
  #server: Server | undefined;
  #port = 0;

  private constructor(root: string) {
    this.root = root;
  }

  static async start(root: string): Promise<OutsideGit> {
    const git = new OutsideGit(root);
    await mkdir(root, { recursive: true });
    await git.up();
    return git;
  }

  /** Makes an empty repository that takes pushes. */
  create(name: string): void {
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", join(this.root, `${name}.git`)]);
    execFileSync("git", ["-C", join(this.root, `${name}.git`), "config", "http.receivepack", "true"]);
  }

  /** The address of a repository, without credentials. */
  url(name: string): string {
    return `http://127.0.0.1:${this.#port}/${name}.git`;
  }

  /** With credentials, as its owner's clone has it. */
  ownUrl(name: string): string {
    return `http://${this.user}:${this.password}@127.0.0.1:${this.#port}/${name}.git`;
  }

  /** Serves, on the first port again after it was down. */
  async up(): Promise<void> {
    const server = createServer((request, response) => { this.#answer(request, response); });
    await new Promise<void>((resolve, reject) => { server.once("error", reject); server.listen(this.#port, "127.0.0.1", resolve); });
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const expected = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString("base64")}`;
    if (request.headers.authorization !== expected) {
      request.resume();
      response.writeHead(401, { "WWW-Authenticate": "Basic realm=\"git\"" });
      response.end();
      return;
    }
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const child = spawn("git", ["http-backend"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: {
        PATH: process.env["PATH"], GIT_PROJECT_ROOT: this.root, GIT_HTTP_EXPORT_ALL: "1", REMOTE_USER: this.user, REMOTE_ADDR: "127.0.0.1", PATH_INFO: path, QUERY_STRING: query,
        REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers["content-type"], CONTENT_LENGTH: request.headers["content-length"],
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"], GIT_PROTOCOL: [request.headers["git-protocol"] ?? ""].flat()[0], HOME: this.root, GIT_CONFIG_NOSYSTEM: "1",
      },
    });
    request.pipe(child.stdin);
    child.stdin.on("error", () => undefined);
    let head: Buffer | undefined = Buffer.alloc(0);
    child.stdout.on("data", (chunk: Buffer) => {
      if (head === undefined) { response.write(chunk); return; }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const lines = head.subarray(0, end).toString("latin1").split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const);
      response.writeHead(Number.parseInt(lines.find(([name]) => name.toLowerCase() === "status")?.[1] ?? "200", 10), Object.fromEntries(lines.filter(([name]) => name.toLowerCase() !== "status")));
      response.write(head.subarray(end + 4));
      head = undefined;
    });
    child.once("close", () => { response.end(); });
  }
}
