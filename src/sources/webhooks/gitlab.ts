import { pushEvent, textAt } from "../webhook.ts";
import type { WebhookProvider } from "../webhook.ts";
import { isSameSecret } from "../webhook-signature.ts";

/** GitLab: a plain token, no signature. @see GitLab docs "Webhooks", "Push events" */
export const gitlabWebhook: WebhookProvider = {
  name: "gitlab",
  recognises: (headers) => headers["x-gitlab-event"] !== undefined,
  verify: (headers, _body, secret) => isSameSecret(headers["x-gitlab-token"], secret),
  parse(headers, payload) {
    const event = headers["x-gitlab-event"] ?? "";
    if (event !== "Push Hook" && event !== "Tag Push Hook") return { kind: "ignored", reason: `event ${event}` };
    const urls = ["git_http_url", "http_url", "web_url", "git_ssh_url"].map((name) => textAt(payload, "project", name));
    return pushEvent(urls, [textAt(payload, "ref")]);
  },
};
