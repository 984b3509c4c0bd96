import { listAt, pushEvent, textAt } from "../webhook.ts";
import type { WebhookProvider } from "../webhook.ts";
import { isPrefixedHmacSha256 } from "../webhook-signature.ts";

/** Bitbucket Cloud. @see Atlassian "Manage webhooks: secure webhooks", "Event payloads: repo:push" */
export const bitbucketWebhook: WebhookProvider = {
  name: "bitbucket",
  recognises: (headers) => headers["x-event-key"] !== undefined && headers["x-hook-uuid"] !== undefined,
  verify: (headers, body, secret) => isPrefixedHmacSha256(headers["x-hub-signature"], body, secret),
  parse(headers, payload) {
    const event = headers["x-event-key"] ?? "";
    if (event !== "repo:push") return { kind: "ignored", reason: `event ${event}` };
    const refs = listAt(payload, "push", "changes").map((change) => textAt(change, "new", "name") ?? textAt(change, "old", "name"));
    return pushEvent([textAt(payload, "repository", "links", "html", "href")], refs);
  },
};
