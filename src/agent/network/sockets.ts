/** The agent's one door to TCP and UDP. */
export { createSocket } from "node:dgram";
export type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
export { connect, createServer } from "node:net";
export type { Server, Socket } from "node:net";
