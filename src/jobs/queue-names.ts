import type { QueueName } from "./jobs.ts";

/** All queues, in the order in which the page shows them. */
export const queueNames: readonly QueueName[] = ["sync", "rollback"];
