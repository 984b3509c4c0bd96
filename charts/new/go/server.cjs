// The program of the chart: one page, and /healthz for the probe. Replace it with yours, or drop it and set the image's own command.
const http = require("node:http");
const { MESSAGE = "", PORT = "8080", HOST } = process.env;
const server = http.createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(request.url === "/healthz" ? "ok\n" : `${MESSAGE}\n`);
});
// Each pod has an address of its own, in HOST where there are no containers.
server.listen(Number(PORT), HOST || "0.0.0.0", () => console.log(`serving at port ${PORT}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
