/** The agent's one door to TCP and UDP. */
export { createSocket } from "node:dgram";
export type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
export { connect, createServer, Socket } from "node:net";
export type { Server } from "node:net";
