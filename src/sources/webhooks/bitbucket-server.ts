import { listAt, pushEvent, textAt } from "../webhook.ts";
import type { WebhookProvider } from "../webhook.ts";
import { isPrefixedHmacSha256 } from "../webhook-signature.ts";

/** Bitbucket Server and Data Center. @see Atlassian "Event payload: repo:refs_changed" */
export const bitbucketServerWebhook: WebhookProvider = {
  name: "bitbucket-server",
  recognises: (headers) => headers["x-event-key"] !== undefined && headers["x-hook-uuid"] === undefined,
  verify: (headers, body, secret) => isPrefixedHmacSha256(headers["x-hub-signature"], body, secret),
  parse(headers, payload) {
    const event = headers["x-event-key"] ?? "";
    if (event !== "repo:refs_changed") return { kind: "ignored", reason: `event ${event}` };
    const urls = listAt(payload, "repository", "links", "clone").map((link) => textAt(link, "href"));
    const refs = listAt(payload, "changes").map((change) => textAt(change, "ref", "id"));
    return pushEvent(urls, refs);
  },
};
