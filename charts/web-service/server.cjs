// Serves one page. Every pod has its own address (POD_IP), so many can share one port number on one machine.
const http = require("node:http");
const { MESSAGE = "", COLOR = "white", PORT = "8080", DRAIN_MS = "0", POD_IP, HOST, POD_NAME = "" } = process.env;
const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(MESSAGE)}</title>
<body style="background:${escape(COLOR)};color:white;font:2em system-ui;display:grid;place-items:center;min-height:90vh;text-align:center">
<main><p>${escape(MESSAGE)}</p><small>${escape(POD_NAME)}</small></main>\n`;
let isStopping = false;
const server = http.createServer((request, response) => {
  if (isStopping) response.setHeader("connection", "close");
  if (request.url === "/healthz") {
    response.statusCode = isStopping ? 503 : 200;
    response.end(isStopping ? "stopping\n" : "ok\n");
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page);
});
server.listen(Number(PORT), POD_IP || HOST || "0.0.0.0", () => console.log(`serving ${JSON.stringify(MESSAGE)} at ${server.address().address}:${PORT}`));
process.on("SIGTERM", () => {
  if (isStopping) return;
  isStopping = true;
  console.log("finishing what is under way");
  setTimeout(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  }, Number(DRAIN_MS));
});
