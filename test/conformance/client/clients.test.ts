import { connect } from "../../../src/api/http/remote-client.ts";
import { createToken } from "../../../src/api/http/tokens.ts";
import { startLoopbackEdge } from "../kubectl/loopback-edge.ts";
import { describeClient } from "./suite.ts";

describeClient("the client in process", async () => {
  const edge = await startLoopbackEdge();
  return { client: edge.admin, close: () => edge.close() };
});

describeClient("the client over HTTPS with a certificate", async () => {
  const edge = await startLoopbackEdge();
  const client = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "certificate", ...edge.pki.admin } });
  return { client, close: async () => { await client.close(); await edge.close(); } };
});

describeClient("the client over HTTPS with a token", async () => {
  const edge = await startLoopbackEdge();
  const { token } = await createToken(edge.admin, edge.world, { user: "tester", groups: ["system:masters"] });
  const client = connect({ server: edge.server.address, ca: edge.pki.ca, credentials: { kind: "token", token } });
  return { client, close: async () => { await client.close(); await edge.close(); } };
});
