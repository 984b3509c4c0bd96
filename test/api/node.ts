import type { NodeConnection } from "../../src/api/nodes.ts";

/** A node that does what the test says, and refuses the rest. */
export function nodeThat(does: Partial<NodeConnection>): NodeConnection {
  const refuse = () => Promise.reject(new Error("this node does not do that"));
  return {
    // eslint-disable-next-line require-yield
    async *logs() { await refuse(); },
    exec: refuse, attach: refuse, connect: refuse, ...does,
  };
}
