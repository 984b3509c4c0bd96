import { pushEvent, textAt } from "../webhook.ts";
import type { WebhookProvider } from "../webhook.ts";
import { isPrefixedHmacSha256 } from "../webhook-signature.ts";

/** GitHub. @see GitHub docs "Validating webhook deliveries", "Webhook events and payloads: push" */
export const githubWebhook: WebhookProvider = {
  name: "github",
  recognises: (headers) => headers["x-github-event"] !== undefined,
  verify: (headers, body, secret) => isPrefixedHmacSha256(headers["x-hub-signature-256"], body, secret),
  parse(headers, payload) {
    const event = headers["x-github-event"] ?? "";
    if (event !== "push") return { kind: "ignored", reason: `event ${event}` };
    const urls = ["clone_url", "html_url", "ssh_url", "git_url"].map((name) => textAt(payload, "repository", name));
    return pushEvent(urls, [textAt(payload, "ref")]);
  },
};
