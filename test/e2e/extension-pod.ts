import { serveExtension } from "../api/extension-server.ts";

/** The program of a pod that answers for an API: its key and certificate, and the CA of who it believes, are told in the environment. */
const { TLS_KEY: key = "", TLS_CERT: cert = "", REQUEST_HEADER_CA: requestHeaderCa = "", HOST: host = "", PORT: port = "" } = process.env;
await serveExtension({ pair: { key, cert }, requestHeaderCa, listen: { host, port: Number(port) } });
