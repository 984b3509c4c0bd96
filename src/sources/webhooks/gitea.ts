import { pushEvent, textAt } from "../webhook.ts";
import type { WebhookProvider } from "../webhook.ts";
import { isHmacSha256 } from "../webhook-signature.ts";

/** Gitea and Forgejo; they also send GitHub's headers, so they are asked first. @see Gitea docs "Webhooks" */
export const giteaWebhook: WebhookProvider = {
  name: "gitea",
  recognises: (headers) => headers["x-gitea-event"] !== undefined || headers["x-forgejo-event"] !== undefined,
  verify: (headers, body, secret) => isHmacSha256(headers["x-gitea-signature"] ?? headers["x-forgejo-signature"], body, secret),
  parse(headers, payload) {
    const event = headers["x-gitea-event"] ?? headers["x-forgejo-event"] ?? "";
    if (event !== "push") return { kind: "ignored", reason: `event ${event}` };
    const urls = ["clone_url", "html_url", "ssh_url"].map((name) => textAt(payload, "repository", name));
    return pushEvent(urls, [textAt(payload, "ref")]);
  },
};
