// Serves the files in SITE, a JSON map of path to content.
const http = require("node:http");
const { PORT = "8080", POD_IP, HOST, SITE = "{}" } = process.env;
const files = new Map(Object.entries(JSON.parse(SITE)));
const types = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", json: "application/json", svg: "image/svg+xml", txt: "text/plain; charset=utf-8" };
const server = http.createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://site").pathname).slice(1);
  if (path === "healthz") return response.end("ok\n");
  const name = files.has(path) ? path : `${path}${path === "" || path.endsWith("/") ? "" : "/"}index.html`;
  const content = files.get(name);
  response.statusCode = content === undefined ? 404 : 200;
  response.setHeader("content-type", types[name.split(".").pop()] ?? "application/octet-stream");
  return response.end(content ?? "not found\n");
});
server.listen(Number(PORT), POD_IP || HOST || "0.0.0.0", () => console.log(`serving ${files.size} files at port ${PORT}`));
process.on("SIGTERM", () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
